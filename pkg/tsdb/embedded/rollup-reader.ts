import type { DatabaseSync } from "node:sqlite";
import { messageOf } from "#pkg/errors/errors.ts";
import { groupShift, groupSize } from "./block.ts";
import type { DayReader } from "./day-reader.ts";
import { listRollupFiles, openListed, type StoredRollup } from "./rollup-file.ts";
import { rollupColumns, takeRollup } from "./rollup-row.ts";

/** Finds roll-ups; what cannot be read or is damaged is left out and named. */
export interface RollupReader {
  /** Roll-ups of a group by day. */
  find(levelMs: number, group: number, fromDay: number, toDay: number): Map<number, StoredRollup>;
  refresh(): void;
  close(): void;
}

export interface RollupReaderDeps {
  folder: string;
  /** Tells whether the samples of a roll-up are still there. */
  days: Pick<DayReader, "days" | "stateOf">;
  onDamage(text: string): void;
}

const select = `select ${rollupColumns} from rollup where level_ms = ? and series_group = ? and day between ? and ?`;

export function createRollupReader({ folder, days, onDamage }: RollupReaderDeps): RollupReader {
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
  const take = (row: Record<string, unknown>, levelMs: number, group: number) => {
    try {
      return takeRollup(row, { levelMs, group });
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      const day = Number(row["day"]);
      const hasSamples = days.days.includes(day) && days.stateOf(day, group).blocks > 0;
      onDamage(toText({ levelMs, group, day }, error.message, hasSamples));
      return undefined;
    }
  };
  return {
    find(levelMs, group, fromDay, toDay) {
      open ??= openAll();
      const found = new Map<number, StoredRollup>();
      for (const [name, database] of open) {
        try {
          for (const row of database.prepare(select).all(levelMs, group, fromDay, toDay)) {
            const rollup = take(row, levelMs, group);
            if (rollup) found.set(rollup.day, rollup);
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

/** What is damaged, and what that costs, in words for people. */
function toText(
  { levelMs, group, day }: { levelMs: number; group: number; day: number },
  problem: string,
  hasSamples: boolean,
): string {
  const first = group << groupShift;
  const what = `the roll-up of ${levelMs / 60_000} min of series ${first} to ${first + groupSize - 1} of day ${day}`;
  const end = hasSamples ? "its samples are read instead" : "its samples are gone: it is missing";
  return `${what} is damaged (${problem}); ${end}`;
}
