import type { DatabaseSync } from "node:sqlite";
import type { LogPosition } from "#pkg/contracts/samples.ts";
import { groupShift, groupSize } from "./block.ts";
import { inTransaction, openFile } from "./database.ts";

import { type SeriesRecord, unpackSeries } from "./series-record.ts";

/**
 * `series`: packed series (see series-record.ts) by their first id. `newest`: per group of series, time and value of the
 * newest sample of each. `state.sealed_to`: batches up to this position are in the day files.
 */
const schema = `
  create table if not exists series (first integer primary key, data blob not null);
  create table if not exists newest (series_group integer primary key, data blob not null);
  create table if not exists tombstone (
    id integer primary key, from_ms real not null, to_ms real not null, written real not null, series blob not null
  );
  create table if not exists state (name text primary key, value real not null) without rowid;
`;

/** Newest samples of the 128 series of one group: times, then values; a time of -Infinity means none. */
export type NewestOfGroup = Float64Array<ArrayBuffer>;

/** What the catalogue file says at start. Throws when the file is broken: without it the ids mean nothing. */
export interface SavedCatalogue {
  series: SeriesRecord[];
  newest: { group: number; samples: NewestOfGroup }[];
  sealedTo: LogPosition;
}

/** Runs `work` on the catalogue's file in one transaction. */
export function changeCatalogueFile(path: string, work: (database: DatabaseSync) => void): void {
  const database = openFile(path, schema);
  try {
    inTransaction(database, () => work(database));
  } finally {
    database.close();
  }
}

/** Puts the newest samples of a group in the place of what is known. */
export function putNewest(database: DatabaseSync, group: number, samples: NewestOfGroup): void {
  database.prepare("insert or replace into newest values (?, ?)").run(group, new Uint8Array(samples.buffer));
}

export function readCatalogueFile(path: string): SavedCatalogue {
  const database = openFile(path, schema);
  try {
    const series = database.prepare("select data from series order by first").all();
    const newest = database.prepare("select series_group, data from newest").all();
    return {
      series: series.map((row) => unpackSeries(toBytes(row["data"]))),
      newest: newest.map((row) => ({ group: Number(row["series_group"]), samples: toFloats(row["data"]) })),
      sealedTo: readSealedTo(database),
    };
  } finally {
    database.close();
  }
}

/** What one seal adds. */
export interface CatalogueChange {
  path: string;
  /** Packed series that the file does not hold yet. */
  series: Uint8Array | undefined;
  newest: ReadonlyMap<number, NewestOfGroup>;
  sealedTo: LogPosition;
}

/** Writes series, newest samples and position in one transaction: the last step of a seal. */
export function writeCatalogueFile({ path, series, newest, sealedTo }: CatalogueChange): void {
  const database = openFile(path, schema);
  try {
    const read = database.prepare("select data from newest where series_group = ?");
    const write = database.prepare("insert or replace into newest values (?, ?)");
    inTransaction(database, () => {
      if (series) {
        database.prepare("insert or replace into series values (?, ?)").run(unpackSeries(series).first, series);
      }
      for (const [group, samples] of newest) {
        const known = read.get(group);
        const merged = known ? mergeNewest(toFloats(known["data"]), samples) : samples;
        write.run(group, new Uint8Array(merged.buffer));
      }
      database.prepare("insert or replace into state values ('sealed_to', ?)").run(sealedTo);
    });
  } finally {
    database.close();
  }
}

function mergeNewest(known: NewestOfGroup, samples: NewestOfGroup): NewestOfGroup {
  for (let member = 0; member < groupSize; member++) {
    if ((samples[member] ?? 0) < (known[member] ?? 0)) continue;
    known[member] = samples[member] ?? 0;
    known[groupSize + member] = samples[groupSize + member] ?? 0;
  }
  return known;
}

function readSealedTo(database: DatabaseSync): LogPosition {
  return Number(database.prepare("select value from state where name = 'sealed_to'").get()?.["value"] ?? 0);
}

function toBytes(value: unknown): Uint8Array {
  if (!(value instanceof Uint8Array)) throw new TypeError("the catalogue holds something that is no blob");
  return value;
}

function toFloats(value: unknown): Float64Array<ArrayBuffer> {
  return new Float64Array(Uint8Array.from(toBytes(value)).buffer);
}

/** A group with no sample yet. */
export function emptyNewest(): NewestOfGroup {
  return new Float64Array(groupSize * 2).fill(Number.NEGATIVE_INFINITY, 0, groupSize);
}

/** Group of a series, and its place there. */
export function groupOf(series: number): { group: number; member: number } {
  return { group: series >> groupShift, member: series & (groupSize - 1) };
}
