import type { DatabaseSync } from "node:sqlite";
import { groupShift } from "./block.ts";
import { changeCatalogueFile } from "./catalogue-file.ts";

/** What was deleted: samples of these series with fromMs <= time <= toMs in blocks written up to `written`. */
export interface Tombstone {
  id: number;
  fromMs: number;
  toMs: number;
  written: number;
  series: Uint32Array;
}

/** Deletions that are not carried out in the files yet. */
export interface Tombstones {
  readonly all: readonly Tombstone[];
  add(tombstone: Tombstone): void;
  remove(ids: ReadonlySet<number>): void;
  /** Whether any concerns a series of this group at that time. */
  isMarked(group: number, fromMs: number, toMs: number): boolean;
  /** Those that concern samples of this series in such a block. */
  of(series: number, written: number): Tombstone[];
}

export function createTombstones(all: readonly Tombstone[] = []): Tombstones {
  let list = all.map((tombstone) => ({ tombstone, series: new Set(tombstone.series), groups: groupsOf(tombstone) }));
  return {
    get all() {
      return list.map(({ tombstone }) => tombstone);
    },
    add(tombstone) {
      list.push({ tombstone, series: new Set(tombstone.series), groups: groupsOf(tombstone) });
    },
    remove(ids) {
      list = list.filter(({ tombstone }) => !ids.has(tombstone.id));
    },
    isMarked: (group, fromMs, toMs) =>
      list.some(({ tombstone, groups }) => groups.has(group) && tombstone.fromMs <= toMs && tombstone.toMs >= fromMs),
    of: (series, written) =>
      list
        .filter((one) => one.tombstone.written >= written && one.series.has(series))
        .map(({ tombstone }) => tombstone),
  };
}

function groupsOf({ series }: Tombstone): Set<number> {
  return new Set(series.map((id) => id >> groupShift));
}

/** Places of the times that no deletion concerns; undefined when that is all of them. */
export function findKept(timeMs: Float64Array, deletions: readonly Tombstone[]): number[] | undefined {
  if (deletions.length === 0) return undefined;
  const kept: number[] = [];
  timeMs.forEach((time, i) => {
    if (!deletions.some(({ fromMs, toMs }) => fromMs <= time && time <= toMs)) kept.push(i);
  });
  return kept.length === timeMs.length ? undefined : kept;
}

/** Tombstones in the catalogue's file. */
export function readTombstones(path: string): Tombstone[] {
  const found: Tombstone[] = [];
  changeCatalogueFile(path, (database) => {
    for (const row of database.prepare("select id, from_ms, to_ms, written, series from tombstone order by id").all()) {
      const bytes = row["series"];
      if (!(bytes instanceof Uint8Array)) throw new TypeError("the catalogue holds a deletion that is no blob");
      const series = new Uint32Array(Uint8Array.from(bytes).buffer);
      const [id, fromMs, toMs, written] = [row["id"], row["from_ms"], row["to_ms"], row["written"]].map(Number);
      found.push({ id: id ?? 0, fromMs: fromMs ?? 0, toMs: toMs ?? 0, written: written ?? 0, series });
    }
  });
  return found;
}

/** Writes one; returns its id. */
export function writeTombstone(
  database: DatabaseSync,
  { fromMs, toMs, written, series }: Omit<Tombstone, "id">,
): number {
  const insert = database.prepare("insert into tombstone (from_ms, to_ms, written, series) values (?, ?, ?, ?)");
  const bytes = new Uint8Array(series.buffer, series.byteOffset, series.byteLength);
  return Number(insert.run(fromMs, toMs, written, bytes).lastInsertRowid);
}

export function removeTombstones(path: string, ids: ReadonlySet<number>): void {
  changeCatalogueFile(path, (database) => {
    const remove = database.prepare("delete from tombstone where id = ?");
    for (const id of ids) remove.run(id);
  });
}
