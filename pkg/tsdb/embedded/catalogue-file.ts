import type { LogPosition } from "#pkg/contracts/samples.ts";
import { groupShift, groupSize } from "./block.ts";
import { type CatalogueTables, inCatalogueFile, lostContents, onCatalogueFile, readState } from "./catalogue-tables.ts";
import type { RowValue } from "./checksum.ts";
import { type SeriesRecord, unpackSeries } from "./series-record.ts";
import { readTombstones, type Tombstone } from "./tombstones.ts";

/** Newest samples of the 128 series of one group: times, then values; a time of -Infinity means none. */
export type NewestOfGroup = Float64Array<ArrayBuffer>;

/** What the catalogue file says at start. What is damaged is left out and named. */
export interface SavedCatalogue {
  /** By their first ids, ascending. */
  series: SeriesRecord[];
  /** Series below this id are given; undefined when that is lost. */
  size: number | undefined;
  newest: { group: number; samples: NewestOfGroup }[];
  /** Whether newest samples are lost: `some` of groups that have no row, `any` of groups that nobody knows. */
  lostNewest: "none" | "some" | "any";
  tombstones: Tombstone[];
  /** Undefined when it is lost. */
  sealedTo: LogPosition | undefined;
  /** In words for people. */
  damage: string[];
}

/** Reads all of it. Throws when nothing can be read: without it the ids mean nothing. */
export function readCatalogueFile(path: string): SavedCatalogue {
  return onCatalogueFile(path, (tables) => {
    const damage: string[] = [];
    const [sealedTo, size] = [readState(tables, "sealed_to"), readState(tables, "series")];
    const saved = {
      ...{ series: readSeries(tables, damage), size, ...readNewest(tables, damage) },
      ...{ tombstones: readTombstones(tables, damage), sealedTo, damage },
    };
    if (sealedTo === undefined && size === undefined && saved.series.length === 0) throw lostContents();
    if (sealedTo === undefined) damage.push("the catalogue has lost up to where the log is in the day files");
    if (tables.state.readAll().hasDamage) damage.push("the state of the catalogue is damaged");
    return saved;
  });
}

function readSeries({ series }: CatalogueTables, damage: string[]): SeriesRecord[] {
  const { rows, damaged, hasDamage } = series.readAll();
  const found = rows.flatMap(([first, data]) => {
    try {
      const record = unpackSeries(toBytes(data));
      if (record.first !== first) throw new RangeError("it is of other series");
      return [record];
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      damage.push(`series ${first} and following cannot be read (${error.message})`);
      return [];
    }
  });
  if (damaged > 0) damage.push(`${damaged} rows of series are lost, with their copies`);
  else if (hasDamage) damage.push("rows of series are damaged; their copies are good");
  return found.sort((a, b) => a.first - b.first);
}

function readNewest(tables: CatalogueTables, damage: string[]): Pick<SavedCatalogue, "newest" | "lostNewest"> {
  const { rows, damaged, hasDamage } = tables.newest.readAll();
  const newest = rows.map(([group, data]) => ({ group: Number(group), samples: toFloats(data) }));
  const isCounted = readState(tables, "newest_groups") === newest.length + damaged;
  const lostNewest = isCounted ? (hasDamage ? "some" : "none") : "any";
  if (lostNewest !== "none") damage.push(`${damaged || "some"} rows of newest samples are damaged`);
  return { newest, lostNewest };
}

/** What one seal adds. */
export interface CatalogueChange {
  path: string;
  /** Packed series that the file does not hold yet. */
  series: Uint8Array | undefined;
  newest: ReadonlyMap<number, NewestOfGroup>;
  sealedTo: LogPosition;
}

/**
 * Writes series, newest samples and position in one transaction: the last step of a seal. Returns damage that it found,
 * in words for people; a damaged row of newest samples stays for the next start, which makes it anew.
 */
export function writeCatalogueFile({ path, series, newest, sealedTo }: CatalogueChange): string[] {
  return inCatalogueFile(path, (tables) => {
    const damage: string[] = [];
    if (series) putSeries(tables, series);
    for (const [group, samples] of newest) {
      try {
        const known = tables.newest.get(group);
        putNewest(tables, group, known ? mergeNewest(toFloats(known[1]), samples) : samples, known === undefined);
      } catch (error) {
        if (!(error instanceof RangeError)) throw error;
        damage.push(`the newest samples of series ${group << groupShift} and following are damaged on disk`);
      }
    }
    tables.state.put(["sealed_to", sealedTo]);
    return damage;
  });
}

/** Puts packed series behind those that are there. */
export function putSeries(tables: CatalogueTables, series: Uint8Array): void {
  const { first, keys } = unpackSeries(series);
  tables.series.put([first, series]);
  tables.state.put(["series", first + keys.length]);
}

/** Puts the newest samples of a group in the place of what is known, damaged or not; `isNew` says that there is no row. */
export function putNewest(
  tables: CatalogueTables,
  group: number,
  samples: NewestOfGroup,
  isNew = !tables.newest.has(group),
): void {
  tables.newest.put([group, new Uint8Array(samples.buffer)]);
  const groups = isNew ? readState(tables, "newest_groups") : undefined;
  if (groups !== undefined) tables.state.put(["newest_groups", groups + 1]);
}

function mergeNewest(known: NewestOfGroup, samples: NewestOfGroup): NewestOfGroup {
  for (let member = 0; member < groupSize; member++) {
    if ((samples[member] ?? 0) < (known[member] ?? 0)) continue;
    known[member] = samples[member] ?? 0;
    known[groupSize + member] = samples[groupSize + member] ?? 0;
  }
  return known;
}

function toBytes(value: RowValue | undefined): Uint8Array {
  if (!(value instanceof Uint8Array)) throw new RangeError("it is no blob");
  return value;
}

function toFloats(value: RowValue | undefined): NewestOfGroup {
  const bytes = Uint8Array.from(toBytes(value));
  if (bytes.length !== groupSize * 16) throw new RangeError("it has another length");
  return new Float64Array(bytes.buffer);
}

/** A group with no sample yet. */
export function emptyNewest(): NewestOfGroup {
  return new Float64Array(groupSize * 2).fill(Number.NEGATIVE_INFINITY, 0, groupSize);
}

/** Group of a series, and its place there. */
export function groupOf(series: number): { group: number; member: number } {
  return { group: series >> groupShift, member: series & (groupSize - 1) };
}
