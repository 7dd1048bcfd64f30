import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { LogPosition } from "#pkg/contracts/samples.ts";
import { groupSize } from "./block.ts";
import type { SavedCatalogue } from "./catalogue-file.ts";
import { isUnreadable } from "./database.ts";
import { dayPath, listDays } from "./days.ts";
import { listRollupFiles } from "./rollup-file.ts";

/** Where else it stands what a catalogue file should say. */
export interface OtherPlaces {
  dayFolder: string;
  rollupFolder: string;
  /** Position at which the log begins; undefined when there is none. */
  firstLogged: LogPosition | undefined;
}

/** What takes the place of lost numbers of the catalogue. */
export interface Replaced {
  /** Series below this id are given: the log's next ones follow. */
  size: number;
  /** Nor may a new one have an id below this, whatever the log says. */
  reserved: number;
  /** Up to here all batches are in the day files, for sure. */
  sealedTo: LogPosition;
  /** Newest position that blocks speak of: none up to here may be given again. */
  written: LogPosition;
  /** Whether the file is to be made anew. */
  isDamaged: boolean;
}

/**
 * Replaces what the catalogue has lost by what day files, roll-ups, deletions and the log tell: rather too many ids are
 * taken than a sample shown under the name of another series, rather too many batches are read again than one is lost.
 * A catalogue that is empty where nothing else is was lost as a whole.
 */
export function replaceLost(saved: SavedCatalogue, places: OtherPlaces, repairs: string[]): Replaced {
  const [size, sealedTo] = [saved.size ?? 0, saved.sealedTo ?? 0];
  const isEmpty = saved.series.length === 0 && size === 0 && sealedTo === 0;
  if (saved.damage.length === 0 && !isEmpty) return { size, sealedTo, reserved: 0, written: 0, isDamaged: false };
  const told = lookAround(places);
  const removedTo = (places.firstLogged ?? told.written + 1) - 1;
  // A log that begins with the first batch knows all: then a kill came before the end of the first seal.
  const isLost = isEmpty && removedTo > 0;
  if (isEmpty && !isLost) return { size, sealedTo, reserved: 0, written: 0, isDamaged: saved.damage.length > 0 };
  if (isLost) repairs.push("the catalogue is empty where the rest is not: it was lost");
  const deletedTo = saved.tombstones.reduce((latest, { written }) => Math.max(latest, written), removedTo);
  return {
    size,
    reserved: isLost || saved.size === undefined ? told.size : 0,
    sealedTo: isLost || saved.sealedTo === undefined ? deletedTo : sealedTo,
    written: told.written,
    isDamaged: true,
  };
}

/** The numbers of series that have samples, and the newest position that is in day files. */
function lookAround({ dayFolder, rollupFolder }: OtherPlaces): { size: number; written: LogPosition } {
  let [size, written] = [0, 0];
  for (const day of listDays(dayFolder)) {
    const path = dayPath(dayFolder, day);
    size = Math.max(size, ask(path, `select (max(series_group) + 1) * ${groupSize} n from block`));
    written = Math.max(written, ask(path, "select max(written) n from block"));
  }
  for (const name of listRollupFiles(rollupFolder)) {
    size = Math.max(size, ask(join(rollupFolder, name), `select (max(series_group) + 1) * ${groupSize} n from rollup`));
  }
  return { size, written };
}

/** A number from a file; 0 when it cannot be read, which is told where it is read for its samples. */
function ask(path: string, sql: string): number {
  try {
    const database = new DatabaseSync(path, { timeout: 5000 });
    try {
      return Number(database.prepare(`select cast(n as real) n from (${sql})`).get()?.["n"] ?? 0);
    } finally {
      database.close();
    }
  } catch (error) {
    if (!isUnreadable(error)) throw error;
    return 0;
  }
}
