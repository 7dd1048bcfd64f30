import { copyFileSync, rmSync, statSync, truncateSync } from "node:fs";
import { basename } from "node:path";
import type { LogPosition } from "#pkg/contracts/samples.ts";
import { type BatchRoom, createSharedBatchRoom } from "./batch-room.ts";
import { groupSize } from "./block.ts";
import { type Catalogue, createCatalogue } from "./catalogue.ts";
import { readCatalogueFile, type SavedCatalogue } from "./catalogue-file.ts";
import { replaceLost } from "./catalogue-lost.ts";
import { createGeneration, type Generation } from "./generation.ts";
import { addBatch } from "./heads.ts";
import { createNewest, type Newest } from "./newest.ts";
import type { Live } from "./options.ts";
import { unpackBatch } from "./record.ts";
import { type LogRecord, listSegments, readSegment, type Segment, type SegmentEnd } from "./segment.ts";
import { type SeriesRecord, unpackSeries } from "./series-record.ts";
import type { SlabPool } from "./slabs.ts";
import type { Tombstone } from "./tombstones.ts";

/** The store's memory as it was when the last acknowledged batch was in. */
export interface Recovered {
  catalogue: Catalogue;
  newest: Newest;
  heads: Generation;
  segments: Segment[];
  lastPosition: LogPosition;
  sealedTo: LogPosition;
  /** Series below this are in the catalogue file, and in the catalogue file or the log. */
  savedSeries: number;
  loggedSeries: number;
  repairs: string[];
  tombstones: Tombstone[];
  /** Whether the catalogue file is to be made anew, and of which groups the newest samples are to be found first. */
  damage: { isDamaged: boolean; groups: number[] };
}

export interface RecoverOptions {
  cataloguePath: string;
  logFolder: string;
  dayFolder: string;
  rollupFolder: string;
  seriesLimit: Live<number>;
  pool: SlabPool;
}

/** Loads the catalogue, then takes from the log what is not sealed yet; cuts a torn tail and says so. */
export function recover(options: RecoverOptions): Recovered {
  const { cataloguePath, logFolder, pool } = options;
  const saved = readCatalogueFile(cataloguePath);
  const catalogue = createCatalogue(options.seriesLimit);
  const [newest, heads, repairs] = [createNewest(), createGeneration(), [...saved.damage]];
  const standIns = new Set<number>();
  for (const record of saved.series) restoreSeries(catalogue, record, standIns);
  const found = listSegments(logFolder);
  const known = replaceLost(saved, { ...options, firstLogged: found[0]?.first }, repairs);
  restoreSeries(catalogue, { first: known.size, keys: [] }, standIns);
  const savedSeries = catalogue.size;
  restoreNewest(newest, saved);
  const segments: Segment[] = [];
  const room = createSharedBatchRoom();
  const target = { ...{ catalogue, newest, heads, pool, repairs, room, standIns }, sealedTo: known.sealedTo };
  found.forEach(({ path, first }, i) => {
    const nextFirst = found[i + 1]?.first;
    if (nextFirst !== undefined && nextFirst - 1 <= known.sealedTo) {
      segments.push({ path, first, last: nextFirst - 1, sizeBytes: statSync(path).size });
      return;
    }
    const segment: Segment = { path, first, last: first - 1, sizeBytes: 0 };
    const { records, end } = readSegment(path);
    for (const record of records) {
      if (nextFirst !== undefined && record.kind === "batch" && record.position >= nextFirst) break;
      takeRecord(record, segment, target);
    }
    segment.sizeBytes = end.goodBytes;
    mendEnd(segment, end, nextFirst === undefined, repairs);
    // A file that was cut between two records looks whole: the numbers tell.
    if (nextFirst !== undefined && !end.trouble && segment.last < nextFirst - 1) {
      repairs.push(`${basename(path)}: batches ${segment.last + 1} to ${nextFirst - 1} are missing`);
    }
    if (segment.last >= segment.first) segments.push(segment);
  });
  const lastPosition = Math.max(known.sealedTo, known.written, segments.at(-1)?.last ?? 0);
  restoreSeries(catalogue, { first: known.reserved, keys: [] }, standIns);
  if (standIns.size > 0)
    repairs.push(`${standIns.size} series are known by their numbers only; they are called "lost"`);
  return {
    catalogue,
    newest,
    heads,
    segments,
    lastPosition,
    sealedTo: known.sealedTo,
    savedSeries,
    loggedSeries: catalogue.size,
    repairs,
    tombstones: saved.tombstones,
    damage: { isDamaged: known.isDamaged, groups: findGroups(saved, catalogue.size) },
  };
}

interface Target {
  catalogue: Catalogue;
  newest: Newest;
  heads: Generation;
  pool: SlabPool;
  sealedTo: LogPosition;
  repairs: string[];
  room: BatchRoom;
  /** Series of which only the id is known. */
  standIns: Set<number>;
}

function takeRecord(record: LogRecord, segment: Segment, target: Target): void {
  try {
    if (record.kind === "series") restoreSeries(target.catalogue, unpackSeries(record.body), target.standIns);
    else {
      segment.last = record.position;
      if (record.position > target.sealedTo) takeBatch(record, target);
    }
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    target.repairs.push(`batch ${record.position} of the log cannot be read (${error.message}); it is left out`);
  }
}

function takeBatch(record: LogRecord, { catalogue, newest, heads, pool, room, standIns }: Target): void {
  const batch = unpackBatch(record.body, room);
  [batch.floats, batch.ints, batch.bools, batch.strings].forEach(({ series, length }, kindCode) => {
    refuseUnknown(series, length, catalogue.size);
    if (standIns.size === 0) return;
    for (const id of series.subarray(0, length)) if (standIns.has(id)) catalogue.adopt(id, kindCode);
  });
  addBatch(heads, newest, pool, batch, catalogue.size);
}

function refuseUnknown(series: Uint32Array, length: number, size: number): void {
  // Hot: indexes are below the column's length.
  for (let i = 0; i < length; i++) {
    if ((series[i] as number) >= size) throw new RangeError(`series ${series[i]} is not in the catalogue`);
  }
}

/** Series that are there already are skipped; those that a lost record held get stand-ins, so that ids stay dense. */
function restoreSeries(catalogue: Catalogue, { first, keys }: SeriesRecord, standIns: Set<number>): void {
  while (catalogue.size < first) {
    standIns.add(catalogue.size);
    catalogue.restore({ measurement: "lost", tags: [], field: `series_${catalogue.size}`, kind: "float" });
  }
  keys.forEach((key, i) => {
    if (first + i === catalogue.size) catalogue.restore(key);
  });
}

/** Groups of series whose newest samples the catalogue has lost. */
function findGroups({ newest, lostNewest }: SavedCatalogue, size: number): number[] {
  const known = new Set(lostNewest === "some" ? newest.map(({ group }) => group) : []);
  const all = lostNewest === "none" ? 0 : Math.ceil(size / groupSize);
  return Array.from({ length: all }, (_, group) => group).filter((group) => !known.has(group));
}

function restoreNewest(newest: Newest, saved: SavedCatalogue): void {
  for (const { group, samples } of saved.newest) {
    newest.grow((group + 1) * groupSize);
    newest.timeMs.set(samples.subarray(0, groupSize), group * groupSize);
    newest.value.set(samples.subarray(groupSize), group * groupSize);
  }
}

/** Cuts what a dying process left half written. Damage is another thing: it is kept beside the log for people. */
function mendEnd(segment: Segment, end: SegmentEnd, isNewest: boolean, repairs: string[]): void {
  const [name, lostBytes] = [basename(segment.path), end.sizeBytes - end.goodBytes];
  if (end.trouble === "torn") {
    repairs.push(`${name}: ${lostBytes} bytes of a write that never ended were cut off after batch ${segment.last}`);
  } else if (end.trouble === "damaged") {
    copyFileSync(segment.path, `${segment.path}.damaged`);
    repairs.push(`${name}: ${lostBytes} bytes after batch ${segment.last} are damaged; a copy is in ${name}.damaged`);
  }
  if (segment.last < segment.first) rmSync(segment.path);
  else if (end.trouble && isNewest) truncateSync(segment.path, end.goodBytes);
}
