import { mkdirSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { DatabaseSync } from "node:sqlite";
import { addColumn, openFile } from "./database.ts";
import type { BlockState } from "./day-reader.ts";
import { dayMs } from "./days.ts";

/** Lengths of roll-up buckets. A bucket goes by its end: `end - length < time <= end`, ends are multiples of the length. */
export const rollupLevels = [300_000, 3_600_000] as const;

/**
 * One row holds the buckets of one group of series and one day: a block (see block.ts) with several chunks for each
 * series, see rollup.ts. `blocks` and `last_id` say from which blocks of the day file it was made. `checksum`: see
 * rollup-row.ts; null in rows of 0.1.0.
 */
const schema = `
  create table if not exists rollup (
    level_ms integer not null, series_group integer not null, day integer not null,
    blocks integer not null, last_id integer not null, data blob not null, checksum integer,
    primary key (level_ms, series_group, day)
  ) without rowid;
`;

/** A roll-up of one group and day. */
export interface StoredRollup extends BlockState {
  day: number;
  data: Uint8Array;
}

/** First day of the file that a day is in: a month has one. */
function monthOf(day: number): string {
  return new Date(day * dayMs).toISOString().slice(0, -17);
}

export function openRollupFile(folder: string, day: number): DatabaseSync {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  return openListed(folder, `${monthOf(day)}.db`);
}

/** Names of the files of all months, oldest first. */
export function listRollupFiles(folder: string): string[] {
  try {
    return readdirSync(folder)
      .filter((name) => /^[+-]?\d+-\d\d\.db$/.test(name))
      .sort();
  } catch {
    // Made with the first roll-up.
    return [];
  }
}

export function openListed(folder: string, name: string): DatabaseSync {
  const database = openFile(join(folder, name), schema);
  try {
    addColumn(database, "rollup", "checksum integer");
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

/** Drops roll-ups of days before this one; files of months that are over go whole. */
export function dropRollups(folder: string, beforeDay: number): void {
  for (const name of listRollupFiles(folder)) {
    const database = openListed(folder, name);
    let isEmpty = false;
    try {
      database.prepare("delete from rollup where day < ?").run(beforeDay);
      isEmpty = database.prepare("select 1 from rollup limit 1").get() === undefined;
    } finally {
      database.close();
    }
    if (isEmpty) for (const suffix of ["", "-wal", "-shm"]) rmSync(join(folder, name) + suffix, { force: true });
  }
}
