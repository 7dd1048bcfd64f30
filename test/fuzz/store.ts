import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "#pkg/clock/clock.ts";
import { AppError } from "#pkg/errors/errors.ts";
import { openTsdb } from "#pkg/tsdb/adapters/embedded.ts";
import { readSegment } from "#pkg/tsdb/embedded/segment.ts";
import type { MetricStore } from "#pkg/tsdb/port.ts";
import type { Random } from "../fixtures/random.ts";
import { batchOf, type Row } from "../fixtures/samples.ts";
import { WrongAnswer } from "./target.ts";

const startMs = Date.UTC(2026, 0, 1, 22);

/** A whole store in a folder: two days, sealed and not, in files of the log that are small. */
export interface WholeStore {
  folder: string;
  /** By `series time`. */
  values: Map<string, number | string>;
  /** Samples of each series of numbers by hour. */
  counts: number[];
  close(): void;
}

export async function makeStore(random: Random): Promise<WholeStore> {
  const folder = mkdtempSync(join(tmpdir(), "detectviz-fuzz-"));
  const store = await openTsdb({ folder: join(folder, "whole"), clock: systemClock, segmentBytes: 2000 });
  const values = new Map<string, number | string>();
  for (let n = 0; n < 60; n++) {
    const rows = Array.from({ length: 6 }, (_, i): Row => {
      const isText = i === 5;
      const id = store.catalogue.intern("m", [["n", `${i % 3}`]], `f${i}`, isText ? "string" : "float");
      const timeMs = startMs + n * 240_000 + i;
      const value = isText ? `text ${random.int(0, 9)}` : random.int(-1000, 1000) / 10;
      values.set(`f${i} ${timeMs}`, value);
      return [id, timeMs, value];
    });
    await store.append(batchOf(...rows));
    if (n === 20 || n === 40) await store.seal?.();
  }
  // Roll-ups of what is sealed.
  await store.compact?.();
  const counts = await countHours(store);
  await store.close();
  return { folder, values, counts, close: () => rmSync(folder, { recursive: true, force: true }) };
}

/** Damages one file of a copy and opens it. What is read was written so; what is missing was told. */
export async function checkDamagedStore({ folder, values, counts }: WholeStore, random: Random): Promise<void> {
  const copy = join(folder, "copy");
  rmSync(copy, { recursive: true, force: true });
  cpSync(join(folder, "whole"), copy, { recursive: true });
  const damaged = damageOne(copy, random);
  const store = await openTsdb({ folder: copy, clock: systemClock }).catch((error: unknown) => {
    if (error instanceof AppError) return undefined;
    throw error;
  });
  if (store === undefined) return;
  try {
    const found = readAll(store);
    for (const [place, value] of found) {
      if (values.get(place) !== value)
        throw new WrongAnswer(`${damaged}: ${place} reads ${value}, wants ${values.get(place)}`);
    }
    const counted = await countHours(store);
    counted.forEach((count, i) => {
      if (count > (counts[i] ?? 0)) throw new WrongAnswer(`${damaged}: hour ${i} counts ${count}, wants ${counts[i]}`);
    });
    checkNewest(store, values, damaged);
    const { repairs } = store.stats();
    if (repairs.length === 0 && counted.some((count, i) => count !== counts[i])) {
      throw new WrongAnswer(`${damaged}: hours count ${counted}, want ${counts}, and nothing is said`);
    }
    if (found.size < values.size && repairs.length === 0) {
      throw new WrongAnswer(`${damaged}: ${values.size - found.size} samples are missing, and nothing is said`);
    }
  } finally {
    await store.close();
  }
}

const [hourMs, numberFields] = [3_600_000, ["f0", "f1", "f2", "f3", "f4"]];

/** By roll-ups, where there are any. */
async function countHours(store: MetricStore): Promise<number[]> {
  const found = numberFields.map((field) =>
    store.catalogue.select([{ name: "__name__", op: "=", value: `m_${field}` }]),
  );
  const counted = await store.aggregate?.({
    ids: Uint32Array.from(found.flatMap((ids) => [...ids])),
    groups: Uint32Array.from(found.flatMap((ids, group) => [...ids].map(() => group))),
    groupCount: numberFields.length,
    ...{ startMs: startMs + hourMs, endMs: startMs + 5 * hourMs, stepMs: hourMs, windowMs: hourMs },
    functions: [{ over: "count", across: "sum" }],
  });
  return [...(counted?.values[0] ?? [])].map((count) => count || 0);
}

/** What is said to be the newest sample of a series was written so. */
function checkNewest({ catalogue, newest }: MetricStore, values: WholeStore["values"], damaged: string): void {
  for (let id = 0; id < catalogue.size; id++) {
    const [{ measurement, field }, sample] = [catalogue.describe(id), newest(id)];
    if (!sample || measurement === "lost") continue;
    const wanted = values.get(`${field} ${sample.timeMs}`);
    if (wanted !== sample.value)
      throw new WrongAnswer(`${damaged}: newest of ${field} at ${sample.timeMs} is ${sample.value}, wants ${wanted}`);
  }
}

function readAll({ catalogue, read, readStrings }: MetricStore): Map<string, number | string> {
  const found = new Map<string, number | string>();
  for (let id = 0; id < catalogue.size; id++) {
    const { measurement, field, kind } = catalogue.describe(id);
    // Known by its number only, which was told: whose samples these are nobody says.
    if (measurement === "lost") continue;
    const samples = (kind === "string" ? readStrings : read)(Uint32Array.of(id), 0, 8e15)[0];
    samples?.timeMs.forEach((timeMs, i) => void found.set(`${field} ${timeMs}`, samples.value[i] ?? "none"));
  }
  return found;
}

/** A log whose newest file ends behind a batch is what the log was at an earlier moment: nobody can tell. */
function isEarlierMoment(path: string, files: readonly string[]): boolean {
  const newest = files
    .filter((file) => file.endsWith(".log"))
    .sort()
    .at(-1);
  if (newest === undefined || !path.endsWith(newest)) return false;
  const { records, end } = readSegment(path);
  return [...records].length > 0 && !end.trouble;
}

/** Turns bits, cuts, or fills with zeros; says where. */
function damageOne(folder: string, random: Random): string {
  const files = readdirSync(folder, { recursive: true }).map(String);
  // Rows of roll-ups and of the catalogue as often as all the rest.
  const rows = files.filter((file) => /rollups.*\.db$|catalogue\.db$/.test(file));
  const name = random.pick(random.chance(0.5) ? rows : files.filter((file) => /\.(log|db)$/.test(file)));
  const path = join(folder, name);
  const size = statSync(path).size;
  if (random.chance(0.2)) {
    let cut = random.int(0, size - 1);
    truncateSync(path, cut);
    if (isEarlierMoment(path, files)) truncateSync(path, --cut);
    return `${name} cut to ${cut} of ${size} bytes`;
  }
  const bytes = readFileSync(path);
  const at = random.int(0, size - 1);
  // SQLite has no checksums of its own: that an index has lost its end it does not see. Bits are another thing.
  const length = random.chance(0.5) || name.endsWith(".db") ? 1 : random.int(1, 600);
  for (let i = at; i < Math.min(size, at + length); i++)
    bytes[i] = length === 1 ? (bytes[i] ?? 0) ^ (1 << random.int(0, 7)) : 0;
  writeFileSync(path, bytes);
  return `${name}, ${length} bytes at ${at} of ${size} changed`;
}
