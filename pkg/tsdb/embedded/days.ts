import { existsSync, readdirSync, renameSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import type { DatabaseSync } from "node:sqlite";
import { openFile } from "./database.ts";
import { keepProof } from "./proof.ts";

export const dayMs = 86_400_000;

/**
 * One row is one block (see block.ts); rows written later overrule earlier ones. `series_group` is `id >> 7`; `written`
 * is the log position up to which samples may be in it: deletions after that do not concern it.
 */
const daySchema = `
  create table if not exists block (
    id integer primary key, series_group integer not null, from_ms real not null, to_ms real not null, data blob not null,
    written real not null default 0
  );
  create index if not exists block_of_group on block (series_group);
`;

/** Opens (or makes) the file of a day; one from 0.1.0 gets what it lacks. */
export function openDayFile(folder: string, day: number): DatabaseSync {
  const database = openFile(dayPath(folder, day), daySchema);
  try {
    const hasWritten = database.prepare("select 1 from pragma_table_info('block') where name = 'written'").get();
    if (!hasWritten) database.exec("alter table block add column written real not null default 0");
    keepProof(database);
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

/** Number of the UTC day since 1970. */
export function toDay(timeMs: number): number {
  return Math.floor(timeMs / dayMs);
}

/** File of a day. The number is in the name, since ISO years outside 0000–9999 do not sort; the date is for people. */
export function dayPath(folder: string, day: number): string {
  return join(folder, `${day}_${new Date(day * dayMs).toISOString().slice(0, -14)}.db`);
}

/** Days that have a file, ascending. */
export function listDays(folder: string): number[] {
  return readdirSync(folder)
    .flatMap((name) => (/^-?\d+_[^_]+\.db$/.test(name) ? [Number.parseInt(name, 10)] : []))
    .sort((a, b) => a - b);
}

/** Removes a day with SQLite's files beside it. */
export function removeDay(folder: string, day: number): void {
  for (const suffix of ["", "-wal", "-shm"]) rmSync(dayPath(folder, day) + suffix, { force: true });
}

/** Moves a broken file out of the way and keeps it for people; returns its new path. */
export function setDayAside(folder: string, day: number): string {
  const path = dayPath(folder, day);
  const target = `${path}.damaged-${process.pid}-${Date.now()}`;
  renameSync(path, target);
  for (const suffix of ["-wal", "-shm"]) rmSync(path + suffix, { force: true });
  return target;
}

/** Bytes of all files in a folder, without those of folders in it; 0 when there is none. */
export function sizeOfFolder(folder: string): number {
  let total = 0;
  if (!existsSync(folder)) return 0;
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (entry.isFile()) total += statSync(join(folder, entry.name), { throwIfNoEntry: false })?.size ?? 0;
  }
  return total;
}
