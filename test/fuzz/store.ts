import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "#pkg/clock/clock.ts";
import { AppError } from "#pkg/errors/errors.ts";
import { openTsdb } from "#pkg/tsdb/adapters/embedded.ts";
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
  await store.close();
  return { folder, values, close: () => rmSync(folder, { recursive: true, force: true }) };
}

/** Damages one file of a copy and opens it. What is read was written so; what is missing was told. */
export async function checkDamagedStore({ folder, values }: WholeStore, random: Random): Promise<void> {
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
    const { repairs } = store.stats();
    if (found.size < values.size && repairs.length === 0) {
      throw new WrongAnswer(`${damaged}: ${values.size - found.size} samples are missing, and nothing is said`);
    }
  } finally {
    await store.close();
  }
}

function readAll({ catalogue, read, readStrings }: MetricStore): Map<string, number | string> {
  const found = new Map<string, number | string>();
  for (let id = 0; id < catalogue.size; id++) {
    const { field, kind } = catalogue.describe(id);
    const samples = (kind === "string" ? readStrings : read)(Uint32Array.of(id), 0, 8e15)[0];
    samples?.timeMs.forEach((timeMs, i) => void found.set(`${field} ${timeMs}`, samples.value[i] ?? "none"));
  }
  return found;
}

/** Turns bits, cuts, or fills with zeros; says where. */
function damageOne(folder: string, random: Random): string {
  const files = readdirSync(folder, { recursive: true }).map(String);
  const name = random.pick(files.filter((file) => /\.(log|db)$/.test(file)));
  const path = join(folder, name);
  const size = statSync(path).size;
  if (random.chance(0.2)) {
    const cut = random.int(0, size - 1);
    truncateSync(path, cut);
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
