import { copyFileSync, renameSync, rmSync } from "node:fs";
import type { LogPosition } from "#pkg/contracts/samples.ts";
import { messageOf } from "#pkg/errors/errors.ts";
import { groupShift, groupSize } from "./block.ts";
import type { Catalogue } from "./catalogue.ts";
import { emptyNewest, putNewest, putSeries } from "./catalogue-file.ts";
import { inCatalogueFile } from "./catalogue-tables.ts";
import { hasLog } from "./database.ts";
import type { Newest } from "./newest.ts";
import { packSeries } from "./series-record.ts";
import { putTombstone, type Tombstone } from "./tombstones.ts";

/** What a store knows that its catalogue file should say. */
export interface KnownCatalogue {
  catalogue: Catalogue;
  newest: Newest;
  tombstones: readonly Tombstone[];
  sealedTo: LogPosition;
}

/**
 * Makes a damaged catalogue file anew from what is known, beside the old one, which is kept for people. Returns in words
 * for them what became of it: when it cannot be written, work goes on with the damaged one.
 */
export function renewCatalogueFile(path: string, known: KnownCatalogue): string {
  const [fresh, kept] = [`${path}.new`, `${path}.damaged-${process.pid}-${Date.now()}`];
  try {
    // What a kill has left.
    for (const suffix of ["", "-wal", "-shm"]) rmSync(fresh + suffix, { force: true });
    writeAll(fresh, known);
    // SQLite's own log of one file must not get to the other.
    if (hasLog(fresh) || hasLog(path)) throw new Error("SQLite has not put everything into the file");
    copyFileSync(path, kept);
    renameSync(fresh, path);
    return `the catalogue was made anew; the damaged one is kept as ${kept}`;
  } catch (error) {
    return `the catalogue cannot be made anew (${messageOf(error)}); the damaged one stays`;
  }
}

function writeAll(path: string, { catalogue, newest, tombstones, sealedTo }: KnownCatalogue): void {
  inCatalogueFile(path, (tables) => {
    if (catalogue.size > 0) putSeries(tables, packSeries(catalogue, 0));
    for (let group = 0; group << groupShift < catalogue.size; group++) {
      const samples = newestOf(newest, group);
      if (samples) putNewest(tables, group, samples);
    }
    for (const tombstone of tombstones) putTombstone(tables, tombstone);
    tables.state.put(["sealed_to", sealedTo]);
  });
}

function newestOf(newest: Newest, group: number): ReturnType<typeof emptyNewest> | undefined {
  const [first, samples] = [group << groupShift, emptyNewest()];
  const timeMs = newest.timeMs.subarray(first, first + groupSize);
  if (timeMs.every((time) => time === Number.NEGATIVE_INFINITY)) return undefined;
  samples.set(timeMs);
  samples.set(newest.value.subarray(first, first + groupSize), groupSize);
  return samples;
}
