import { gzipSync } from "node:zlib";
import type { Random } from "../fixtures/random.ts";
import type { Body, ToldSample, Value } from "./told.ts";

/** Milliseconds that a lane's newest sample is behind the clock at its start; it catches up. */
const startBehindMs = 90_000;
const furthestBehindMs = 120_000;

/** One writer of one device: has one body under way at a time, as a Telegraf has. */
export interface Lane {
  /** Writes until `stop` or until the node is gone. Each acknowledged body goes to `acknowledged`. */
  run(url: string, isStopped: () => boolean, acknowledged: (body: Body) => void): Promise<void>;
  /** The body that was under way when the node died: nobody knows whether it is stored. */
  inDoubt: Body | undefined;
  /** Answers that were neither 204 nor 503. */
  readonly complaints: string[];
}

export function createLane(device: string, random: Random): Lane {
  const writer = createBodies(device, random);
  const complaints: string[] = [];
  const lane: Lane = {
    inDoubt: undefined,
    complaints,
    async run(url, isStopped, acknowledged) {
      while (!isStopped()) {
        const body = lane.inDoubt ?? writer.next();
        if (body === undefined) {
          await new Promise((resolve) => setTimeout(resolve, 20));
          continue;
        }
        lane.inDoubt = body;
        const answer = await post(url, body.text, random.chance(0.5)).catch(() => undefined);
        if (answer === undefined) return;
        if (answer.status === 204) {
          acknowledged(body);
          lane.inDoubt = undefined;
        } else if (answer.status !== 503) {
          complaints.push(`${device}: ${answer.status} ${answer.text.slice(0, 300)}`);
          lane.inDoubt = undefined;
        }
        if (random.chance(0.3)) await new Promise((resolve) => setTimeout(resolve, random.int(1, 15)));
      }
    },
  };
  return lane;
}

async function post(url: string, text: string, gzip: boolean) {
  const answer = await fetch(`${url}/write?precision=ms`, {
    method: "POST",
    body: gzip ? new Uint8Array(gzipSync(text)) : text,
    ...(gzip && { headers: { "content-encoding": "gzip" } }),
  });
  return { status: answer.status, text: await answer.text() };
}

/** Makes bodies whose values wander over the thresholds, with late and corrected samples and new series among them. */
function createBodies(device: string, random: Random) {
  let [atMs, count, seq, parts] = [Date.now() - startBehindMs, 50, 0, 1];
  const current: number[] = [];
  const ok: boolean[] = [];
  const past: number[] = [];
  const step = (part: number) => {
    current[part] = clamp((current[part] ?? 10) + (random.next() - 0.5) * 5, 4, 20);
    if (random.chance(0.05)) ok[part] = !(ok[part] ?? true);
    count = clamp(count + random.int(-25, 25), 0, 160);
    return { current: Math.round((current[part] ?? 0) * 10) / 10, count, ok: ok[part] ?? true };
  };
  const fields = (part: number): Record<string, Value> => {
    const { current, count, ok } = step(part);
    return {
      current,
      count: BigInt(count),
      ok,
      ...(random.chance(0.4) && { big: randomBig(random) }),
      ...(random.chance(0.4) && { text: randomText(random) }),
      ...(random.chance(0.3) && { noise: (random.next() - 0.5) * 10 ** random.int(-6, 9) }),
    };
  };
  /** What came too late, or again with another value: stored, never judged. */
  const late = (lines: Line[]) => {
    const timeMs = random.chance(0.5) ? random.pick(past) : Math.min(...past) - random.int(1, 5000);
    if (lines.some((line) => line.timeMs === timeMs)) return;
    lines.push({ measurement: "load", device, part: "p0", timeMs, fields: fields(0) });
  };
  return {
    /** Undefined while the lane would be ahead of the clock. */
    next(): Body | undefined {
      const lines: Line[] = [];
      for (let left = random.int(1, 10); left > 0; left--) {
        // On a slow machine the lanes fall behind the clock; what is older than 5 min on arrival would not be judged.
        atMs = Math.max(atMs, Date.now() - furthestBehindMs) + random.int(1, 50);
        if (atMs > Date.now() - 20) break;
        if (parts < 40 && random.chance(0.02)) parts++;
        const part = random.chance(0.7) ? 0 : random.int(0, parts - 1);
        lines.push({ measurement: "load", device, part: `p${part}`, timeMs: atMs, fields: fields(part) });
        if (part === 0) past.push(atMs);
      }
      if (lines.length === 0) return undefined;
      if (past.length > 20 && random.chance(0.2)) late(lines);
      past.splice(0, past.length - 200);
      lines.push({ measurement: "mark", device, part: "p0", timeMs: atMs, fields: { seq: BigInt(++seq) } });
      return toBody(lines);
    },
  };
}

interface Line {
  measurement: string;
  device: string;
  part: string;
  timeMs: number;
  fields: Record<string, Value>;
}

function toBody(lines: readonly Line[]): Body {
  const samples = lines.flatMap(({ measurement, device, part, timeMs, fields }) =>
    Object.entries(fields).map(([field, value]): ToldSample => {
      return { series: `${measurement} ${field} ${kindOf(value)} ${device} ${part}`, timeMs, value };
    }),
  );
  const mark = samples.at(-1);
  if (mark === undefined) throw new RangeError("a body has no sample");
  return { text: lines.map(toText).join("\n"), samples, mark };
}

function toText({ measurement, device, part, timeMs, fields }: Line): string {
  const pairs = Object.entries(fields).map(([field, value]) => `${field}=${toValueText(value)}`);
  return `${measurement},device=${device},part=${part} ${pairs.join(",")} ${timeMs}`;
}

function toValueText(value: Value): string {
  if (typeof value === "string") return `"${value.replace(/["\\]/g, "\\$&")}"`;
  return typeof value === "bigint" ? `${value}i` : String(value);
}

export function kindOf(value: Value): string {
  if (typeof value === "bigint") return "int";
  if (typeof value === "boolean") return "bool";
  return typeof value === "string" ? "string" : "float";
}

function randomBig(random: Random): bigint {
  return BigInt.asIntN(64, (BigInt(random.int(0, 2 ** 32 - 1)) << 32n) | BigInt(random.int(0, 2 ** 32 - 1)));
}

function randomText(random: Random): string {
  const words = ["溫度", "°C", "🔥", 'say "hi"', "back\\slash", "two\nlines", "", "a=b,c d", "$HOME"];
  return Array.from({ length: random.int(0, 3) }, () => random.pick(words)).join(" ");
}

function clamp(value: number, low: number, high: number): number {
  return Math.min(high, Math.max(low, value));
}
