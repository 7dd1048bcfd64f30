import type { DatabaseSync, StatementSync } from "node:sqlite";
import { messageOf } from "#pkg/errors/errors.ts";
import { type Chunk, readBlock } from "./block.ts";
import { openFile } from "./database.ts";
import { dayPath, daySchema, listDays, toDay } from "./days.ts";

/** Reads blocks of all days; what is damaged is left out and named once. */
export interface DayReader {
  /** Visits the chunks of wanted members of a group that may hold samples of this time, in the order they were written. */
  visit(
    group: number,
    isWanted: (member: number) => boolean,
    fromMs: number,
    toMs: number,
    visit: (chunk: Chunk) => void,
  ): void;
  /** Looks again which files there are, and closes all. */
  refresh(): void;
  close(): void;
}

/** So many files stay open for reading. */
const mostOpen = 8;

export function createDayReader(folder: string, onDamage: (text: string) => void): DayReader {
  let days = listDays(folder);
  const open = new Map<number, { database: DatabaseSync; select: StatementSync }>();
  const damaged = new Set<string>();
  const report = (text: string) => {
    if (damaged.has(text)) return;
    damaged.add(text);
    onDamage(text);
  };
  const closeAll = () => {
    for (const { database } of open.values()) database.close();
    open.clear();
  };
  const selectOf = (day: number) => {
    const known = open.get(day) ?? openDay(folder, day);
    open.delete(day);
    open.set(day, known);
    const [oldest] = open.keys();
    if (open.size > mostOpen && oldest !== undefined) {
      open.get(oldest)?.database.close();
      open.delete(oldest);
    }
    return known.select;
  };
  return {
    visit(group, isWanted, fromMs, toMs, visit) {
      for (const day of days) {
        if (day < toDay(fromMs) || day > toDay(toMs)) continue;
        try {
          visitRows(selectOf(day).all(group, toMs, fromMs), day, isWanted, visit, report);
        } catch (error) {
          report(`the file of day ${day} cannot be read (${messageOf(error)}); it is left out`);
        }
      }
    },
    refresh() {
      closeAll();
      days = listDays(folder);
    },
    close: closeAll,
  };
}

function openDay(folder: string, day: number): { database: DatabaseSync; select: StatementSync } {
  const database = openFile(dayPath(folder, day), daySchema);
  const select = database.prepare(
    "select id, data from block where series_group = ? and from_ms <= ? and to_ms >= ? order by id",
  );
  return { database, select };
}

function visitRows(
  rows: readonly Record<string, unknown>[],
  day: number,
  isWanted: (member: number) => boolean,
  visit: (chunk: Chunk) => void,
  report: (text: string) => void,
): void {
  for (const { id, data } of rows) {
    try {
      if (!(data instanceof Uint8Array)) throw new RangeError("it is no blob");
      readBlock(data, isWanted, visit);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      report(`block ${id} of day ${day} is damaged (${error.message}); it is left out`);
    }
  }
}
