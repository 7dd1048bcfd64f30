import type { DatabaseSync } from "node:sqlite";
import { crc32 } from "node:zlib";
import { checksumOfRow } from "./checksum.ts";
import { inTransaction } from "./database.ts";
import type { BlockState } from "./day-reader.ts";
import { rollupLevels, type StoredRollup } from "./rollup-file.ts";

/** Where a roll-up stands. */
export interface RollupPlace {
  levelMs: number;
  group: number;
  day: number;
}

/** Numbers as floats: an integer whose bits turned may be one that Node refuses to read. */
export const rollupColumns =
  "cast(day as real) day, cast(blocks as real) blocks, cast(last_id as real) last_id, cast(checksum as real) checksum, data";

/**
 * The roll-up of a row that was found at that place. Throws `RangeError` when the row is damaged. Rows of 0.1.0 have no
 * checksum: of these only the data is checked, by its own.
 */
export function takeRollup(row: Record<string, unknown>, { levelMs, group }: Omit<RollupPlace, "day">): StoredRollup {
  const { data } = row;
  if (!(data instanceof Uint8Array) || data.length < 4) throw new RangeError("it is no blob");
  const found = { day: Number(row["day"]), blocks: Number(row["blocks"]), lastId: Number(row["last_id"]), data };
  const known = row["checksum"];
  if (known !== null && known !== checksumOf({ levelMs, group, day: found.day }, found)) {
    throw new RangeError("the checksum of its row is wrong");
  }
  if (crc32(data.subarray(4)) !== dataChecksum(data)) throw new RangeError("its checksum is wrong");
  return found;
}

/** Of all but the data, of which only its length and its own checksum (see block.ts) count: nothing is summed twice. */
function checksumOf({ levelMs, group, day }: RollupPlace, { blocks, lastId, data }: Omit<StoredRollup, "day">): number {
  return checksumOfRow("rollup", [levelMs, group, day, blocks, lastId, data.length, dataChecksum(data)]);
}

function dataChecksum(data: Uint8Array): number {
  return new DataView(data.buffer, data.byteOffset).getUint32(0, true);
}

/** Puts one roll-up in the place of what is there. */
export function putRollup(database: DatabaseSync, place: RollupPlace, rollup: Omit<StoredRollup, "day">): void {
  const { levelMs, group, day } = place;
  const { blocks, lastId, data } = rollup;
  removeRollup(database, place);
  database
    .prepare(
      "insert into rollup (level_ms, series_group, day, blocks, last_id, data, checksum) values (?, ?, ?, ?, ?, ?, ?)",
    )
    .run(levelMs, group, day, blocks, lastId, data, checksumOf(place, rollup));
}

export function removeRollup(database: DatabaseSync, { levelMs, group, day }: RollupPlace): void {
  database.prepare("delete from rollup where level_ms = ? and series_group = ? and day = ?").run(levelMs, group, day);
}

/** The roll-up at a place, if there is one. Throws `RangeError` when it is damaged. */
export function readRollupRow(database: DatabaseSync, place: RollupPlace): StoredRollup | undefined {
  const { levelMs, group, day } = place;
  const row = database
    .prepare(`select ${rollupColumns} from rollup where level_ms = ? and series_group = ? and day = ?`)
    .get(levelMs, group, day);
  return row && takeRollup(row, place);
}

/** From which blocks the roll-up at a place was made, unchecked. */
export function readRollupState(database: DatabaseSync, place: RollupPlace): BlockState | undefined {
  const { levelMs, group, day } = place;
  const row = database
    .prepare(
      `select cast(blocks as real) blocks, cast(last_id as real) last_id from rollup
        where level_ms = ? and series_group = ? and day = ?`,
    )
    .get(levelMs, group, day);
  return row && { blocks: Number(row["blocks"]), lastId: Number(row["last_id"]) };
}

/** Puts the roll-ups of one group and day in the place of older ones. */
export function writeRollups(
  database: DatabaseSync,
  { day, group, state, rows }: { day: number; group: number; state: BlockState; rows: ReadonlyMap<number, Uint8Array> },
): void {
  inTransaction(database, () => {
    for (const levelMs of rollupLevels) {
      const data = rows.get(levelMs);
      // What says nothing any more must not be taken for the day's when its samples are gone.
      if (data) putRollup(database, { levelMs, group, day }, { ...state, data });
      else removeRollup(database, { levelMs, group, day });
    }
  });
}
