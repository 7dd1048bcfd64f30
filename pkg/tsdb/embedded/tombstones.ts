import { groupShift } from "./block.ts";
import { type CatalogueTables, inCatalogueFile } from "./catalogue-tables.ts";

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

/**
 * Tombstones in the catalogue's file; each stands there twice. One that is damaged in both places is named and not
 * carried out: what it deleted is shown again until it is deleted again. To guess what it was would lose samples that
 * nobody deleted, for good.
 */
export function readTombstones({ tombstone }: CatalogueTables, damage: string[]): Tombstone[] {
  const { rows, damaged, hasDamage } = tombstone.readAll();
  if (damaged > 0) {
    damage.push(
      `${damaged} deletions are damaged: what they deleted may be shown again until it is deleted again; ` +
        "what is in day files that were put in order since is gone",
    );
  } else if (hasDamage) damage.push("a deletion is damaged; its copy is good");
  return rows.map(([id, fromMs, toMs, written, series]) => ({
    ...{ id: Number(id), fromMs: Number(fromMs), toMs: Number(toMs), written: Number(written) },
    series: series instanceof Uint8Array ? new Uint32Array(Uint8Array.from(series).buffer) : new Uint32Array(0),
  }));
}

/** Writes one; returns its id. */
export function writeTombstone({ tombstone }: CatalogueTables, deletion: Omit<Tombstone, "id">): number {
  const ids = tombstone.readAll().rows.map(([id]) => Number(id));
  const id = ids.reduce((most, other) => Math.max(most, other), 0) + 1;
  putTombstone({ tombstone }, { ...deletion, id });
  return id;
}

export function putTombstone(
  { tombstone }: Pick<CatalogueTables, "tombstone">,
  { id, fromMs, toMs, written, series }: Tombstone,
): void {
  tombstone.put([id, fromMs, toMs, written, new Uint8Array(series.buffer, series.byteOffset, series.byteLength)]);
}

export function removeTombstones(path: string, ids: ReadonlySet<number>): void {
  inCatalogueFile(path, ({ tombstone }) => {
    for (const id of ids) tombstone.remove(id);
  });
}
