import type { DatabaseSync } from "node:sqlite";
import { groupShift } from "./block.ts";
import { inTransaction } from "./database.ts";
import { noBlocks, readStates } from "./day-reader.ts";
import { dayMs, listDays, openDayFile } from "./days.ts";
import { cutChunks, packChunks, type RollupChunk, readRollup } from "./rollup.ts";
import { listRollupFiles, openListed } from "./rollup-file.ts";
import { putRollup, type RollupPlace, readRollupRow, removeRollup } from "./rollup-row.ts";
import { createTombstones, type Tombstone, type Tombstones } from "./tombstones.ts";

/** Deletions to be carried out where there are roll-ups only; can be sent to another thread. */
export interface CutJob {
  dayFolder: string;
  rollupFolder: string;
  tombstones: Tombstone[];
}

/**
 * Takes the buckets that deletions touch out of roll-ups whose samples are gone; others are made anew from what stays
 * (see compact.ts). Returns damage that it found. Done twice it does no harm.
 */
export function cutRollups({ dayFolder, rollupFolder, tombstones }: CutJob): string[] {
  const deletions = createTombstones(tombstones);
  const hasBlocks = findBlocks(dayFolder);
  return listRollupFiles(rollupFolder).flatMap((name) => {
    const rollups = openListed(rollupFolder, name);
    try {
      return cutFile(rollups, deletions, hasBlocks);
    } finally {
      rollups.close();
    }
  });
}

type HasBlocks = (day: number, group: number) => boolean;

function findBlocks(dayFolder: string): HasBlocks {
  const days = new Set(listDays(dayFolder));
  const states = new Map<number, ReturnType<typeof readStates>>();
  return (day, group) => {
    if (!days.has(day)) return false;
    const known = states.get(day) ?? statesOf(dayFolder, day);
    states.set(day, known);
    return (known.get(group) ?? noBlocks).blocks > 0;
  };
}

function statesOf(dayFolder: string, day: number): ReturnType<typeof readStates> {
  const database = openDayFile(dayFolder, day);
  try {
    return readStates(database);
  } finally {
    database.close();
  }
}

function cutFile(rollups: DatabaseSync, deletions: Tombstones, hasBlocks: HasBlocks): string[] {
  const damage: string[] = [];
  const keys = rollups
    .prepare(
      "select cast(level_ms as real) level_ms, cast(series_group as real) series_group, cast(day as real) day from rollup",
    )
    .all();
  for (const key of keys) {
    const [levelMs, group, day] = [Number(key["level_ms"]), Number(key["series_group"]), Number(key["day"])];
    if (!deletions.isMarked(group, day * dayMs, (day + 1) * dayMs - 1) || hasBlocks(day, group)) continue;
    const text = cutRow(rollups, deletions, { levelMs, group, day });
    if (text) damage.push(text);
  }
  return damage;
}

/** Cuts one row; says why when it cannot be read, and removes it then: what it holds may be deleted. */
function cutRow(rollups: DatabaseSync, deletions: Tombstones, place: RollupPlace): string | undefined {
  const { levelMs, group, day } = place;
  const of = (member: number) => deletions.of((group << groupShift) + member, Number.NEGATIVE_INFINITY);
  return inTransaction(rollups, () => {
    try {
      const rollup = readRollupRow(rollups, place);
      const chunks: RollupChunk[] = rollup ? readRollup(rollup.data, () => true) : [];
      const data = packChunks(cutChunks(chunks, of, { levelMs, day }));
      if (rollup && data) putRollup(rollups, place, { ...rollup, data });
      else removeRollup(rollups, place);
      return undefined;
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      removeRollup(rollups, place);
      return `a roll-up of day ${day} is damaged (${error.message}); it was removed with what was deleted in it`;
    }
  });
}
