import type { DatabaseSync } from "node:sqlite";
import { messageOf } from "#pkg/errors/errors.ts";
import { listRollupFiles, openListed, type StoredRollup } from "./rollup-file.ts";

/** Finds roll-ups; what cannot be read is left out and named. */
export interface RollupReader {
  /** Roll-ups of a group by day. */
  find(levelMs: number, group: number, fromDay: number, toDay: number): Map<number, StoredRollup>;
  refresh(): void;
  close(): void;
}

export function createRollupReader(folder: string, onDamage: (text: string) => void): RollupReader {
  let open: Map<string, DatabaseSync> | undefined;
  const close = () => {
    for (const database of open?.values() ?? []) database.close();
    open = undefined;
  };
  const openAll = () => {
    const found = new Map<string, DatabaseSync>();
    for (const name of listRollupFiles(folder)) {
      try {
        found.set(name, openListed(folder, name));
      } catch (error) {
        onDamage(`the roll-ups of ${name} cannot be read (${messageOf(error)}); they are left out`);
      }
    }
    return found;
  };
  const select =
    "select day, blocks, last_id, data from rollup where level_ms = ? and series_group = ? and day between ? and ?";
  return {
    find(levelMs, group, fromDay, toDay) {
      open ??= openAll();
      const found = new Map<number, StoredRollup>();
      for (const [name, database] of open) {
        try {
          for (const row of database.prepare(select).all(levelMs, group, fromDay, toDay)) {
            const [day, blocks, lastId] = [Number(row["day"]), Number(row["blocks"]), Number(row["last_id"])];
            if (row["data"] instanceof Uint8Array) found.set(day, { day, blocks, lastId, data: row["data"] });
          }
        } catch (error) {
          onDamage(`the roll-ups of ${name} cannot be read (${messageOf(error)}); they are left out`);
        }
      }
      return found;
    },
    refresh: close,
    close,
  };
}
