import { cpSync, rmSync } from "node:fs";
import { join } from "node:path";
import { systemClock } from "#pkg/clock/clock.ts";
import { openTsdb } from "#pkg/tsdb/adapters/embedded.ts";
import type { MetricStore } from "#pkg/tsdb/port.ts";
import type { Lane } from "./lane.ts";
import type { Victim } from "./node.ts";
import type { Body, Told, ToldSample, Value } from "./told.ts";

/** What a folder of samples holds, by series and time. Integers come as floats. */
type Stored = Map<string, Map<number, number | string>>;

/** Opens a copy of a store that nobody has open, and reads all that clients wrote. */
export async function readFolder(
  tsdbFolder: string,
  copy: string,
): Promise<{ stored: Stored; repairs: readonly string[] }> {
  rmSync(copy, { recursive: true, force: true });
  cpSync(tsdbFolder, copy, { recursive: true });
  const store = await openTsdb({ folder: copy, clock: systemClock });
  try {
    return { stored: readStore(store), repairs: store.stats().repairs };
  } finally {
    await store.close();
    rmSync(copy, { recursive: true, force: true });
  }
}

function readStore({ catalogue, read, readStrings }: MetricStore): Stored {
  const stored: Stored = new Map();
  for (let id = 0; id < catalogue.size; id++) {
    const { measurement, field, kind, tags } = catalogue.describe(id);
    if (measurement !== "load" && measurement !== "mark") continue;
    const [device, part] = ["device", "part"].map((key) => tags.find(([tag]) => tag === key)?.[1]);
    const samples = (kind === "string" ? readStrings : read)(Uint32Array.of(id), 0, 8e15)[0];
    const values = new Map<number, number | string>();
    samples?.timeMs.forEach((timeMs, i) => void values.set(timeMs, samples.value[i] ?? Number.NaN));
    if (values.size > 0) stored.set(`${measurement} ${field} ${kind} ${device} ${part}`, values);
  }
  return stored;
}

/** What the running node says is the newest value of each number series, whatever its labels. */
export async function readNewest(victim: Victim): Promise<Map<string, number>> {
  const query = encodeURIComponent('{__name__=~"(load|mark)_.*"}');
  const { status, body } = await victim.api("GET", `/api/v1/query?query=${query}`);
  if (status !== 200) throw new Error(`the query was refused: ${status} ${JSON.stringify(body)}`);
  const result = body.data.result as { metric: Record<string, string>; value: [number, string] }[];
  return new Map(
    result.map(({ metric, value }) => {
      const [measurement, field] = metric["__name__"]?.split("_") ?? [];
      return [`${measurement} ${field} ${metric["device"]} ${metric["part"]}`, Number(value[1])];
    }),
  );
}

/** A query finds the newest value of each series that is young enough for one. */
export function compareNewest(told: Told, newest: ReadonlyMap<string, number>): string[] {
  const wrong: string[] = [];
  for (const [series, values] of told.values) {
    const [measurement, field, kind, device, part] = series.split(" ");
    const lastMs = Math.max(...values.keys());
    if (kind === "string" || lastMs < Date.now() - youngMs) continue;
    const has = newest.get(`${measurement} ${field} ${device} ${part}`);
    const wants = Number(values.get(lastMs));
    if (!Object.is(has, wants)) wrong.push(`query: the newest of ${series} is ${has}, not ${wants} of ${lastMs}`);
  }
  return wrong;
}

/** Less than what an instant query looks back. */
const youngMs = 240_000;

/**
 * Finds out what became of the bodies that were under way, and takes those that are stored into the books. Gives what is
 * wrong with them: a body is stored whole or not at all.
 */
export function settleBodies(lanes: readonly Lane[], told: Told, stored: Stored): string[] {
  const wrong: string[] = [];
  for (const lane of lanes) {
    const body = lane.inDoubt;
    if (body === undefined) continue;
    const isStored = holds(stored, body.mark);
    if (!isStored && body.samples.some((sample) => !isKnown(told, sample) && holds(stored, sample))) {
      wrong.push(`half a body is stored: ${body.text}`);
    }
    if (isStored) told.take(body);
    lane.inDoubt = isStored ? undefined : body;
  }
  return wrong;
}

function holds(stored: Stored, { series, timeMs, value }: ToldSample): boolean {
  return stored.get(series)?.get(timeMs) === toStored(value);
}

function isKnown(told: Told, { series, timeMs, value }: ToldSample): boolean {
  return told.values.get(series)?.get(timeMs) === value;
}

/** Every sample that was acknowledged is there with its value, and nothing else. */
export function compareSamples(told: Told, stored: Stored): string[] {
  const wrong: string[] = [];
  for (const [series, values] of told.values) {
    const found = stored.get(series);
    for (const [timeMs, value] of values) {
      const has = found?.get(timeMs);
      if (!Object.is(has, toStored(value)))
        wrong.push(`files: ${series} at ${timeMs} is ${JSON.stringify(has)}, not ${value}`);
    }
    for (const timeMs of found?.keys() ?? [])
      if (!values.has(timeMs)) wrong.push(`files: ${series} has a sample at ${timeMs} that nobody wrote`);
  }
  for (const series of stored.keys()) if (!told.values.has(series)) wrong.push(`files: nobody wrote ${series}`);
  return wrong;
}

function toStored(value: Value): number | string {
  return typeof value === "string" ? value : Number(value);
}

/** Bodies that a client was told are stored must be in a backup that was asked for later. */
export async function compareBackup(folder: string, bodies: readonly Body[], copy: string): Promise<string[]> {
  const { stored, repairs } = await readFolder(join(folder, "data/tsdb"), copy);
  const lost = bodies.filter(({ mark }) => !holds(stored, mark));
  return [...repairs, ...lost.map(({ text }) => `not in the backup: ${text}`)].map((text) => `backup: ${text}`);
}
