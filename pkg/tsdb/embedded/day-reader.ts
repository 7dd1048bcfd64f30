import type { DatabaseSync, StatementSync } from "node:sqlite";
import { messageOf } from "#pkg/errors/errors.ts";
import { type Chunk, readBlock } from "./block.ts";
import { openFile } from "./database.ts";
import { dayPath, daySchema, listDays, toDay } from "./days.ts";

/** A block as it stands in its day file. */
export interface StoredBlock {
  day: number;
  data: Uint8Array;
  /** Whether its checksum was found right since the file was opened. */
  isChecked: boolean;
}

/** Reads blocks of all days; what is damaged is left out and named once. */
export interface DayReader {
  /** Visits the packed blocks of a group that may hold samples of this time, in the order they were written. A `RangeError` says that the block is damaged. */
  eachBlock(group: number, fromMs: number, toMs: number, visit: (block: StoredBlock) => void): void;
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
  /** How often it did. */
  readonly epoch: number;
  close(): void;
}

/** So many files stay open for reading. */
const mostOpen = 8;

export function createDayReader(folder: string, onDamage: (text: string) => void): DayReader {
  let [days, epoch] = [listDays(folder), 0];
  const open = new Map<number, OpenDay>();
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
  const dayOf = (day: number) => {
    const known = open.get(day) ?? openDay(folder, day);
    open.delete(day);
    open.set(day, known);
    const [oldest] = open.keys();
    if (open.size > mostOpen && oldest !== undefined) {
      open.get(oldest)?.database.close();
      open.delete(oldest);
    }
    return known;
  };
  const eachBlock: DayReader["eachBlock"] = (group, fromMs, toMs, visit) => {
    for (const day of days) {
      if (day < toDay(fromMs) || day > toDay(toMs)) continue;
      try {
        visitRows(dayOf(day), day, [group, toMs, fromMs], visit, report);
      } catch (error) {
        report(`the file of day ${day} cannot be read (${messageOf(error)}); it is left out`);
      }
    }
  };
  return {
    eachBlock,
    visit: (group, isWanted, fromMs, toMs, visit) =>
      eachBlock(group, fromMs, toMs, ({ data }) => readBlock(data, isWanted, visit)),
    get epoch() {
      return epoch;
    },
    refresh() {
      epoch++;
      closeAll();
      days = listDays(folder);
    },
    close: closeAll,
  };
}

/** A day's file, and the blocks in it whose checksum was right. */
interface OpenDay {
  database: DatabaseSync;
  select: StatementSync;
  checked: Set<unknown>;
}

function openDay(folder: string, day: number): OpenDay {
  const database = openFile(dayPath(folder, day), daySchema);
  const select = database.prepare(
    "select id, data from block where series_group = ? and from_ms <= ? and to_ms >= ? order by id",
  );
  return { database, select, checked: new Set() };
}

function visitRows(
  { select, checked }: OpenDay,
  day: number,
  range: readonly [group: number, toMs: number, fromMs: number],
  visit: (block: StoredBlock) => void,
  report: (text: string) => void,
): void {
  for (const { id, data } of select.all(...range)) {
    try {
      if (!(data instanceof Uint8Array)) throw new RangeError("it is no blob");
      visit({ day, data, isChecked: checked.has(id) });
      checked.add(id);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      report(`block ${id} of day ${day} is damaged (${error.message}); it is left out`);
    }
  }
}
