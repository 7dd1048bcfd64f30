import type { DatabaseSync, StatementSync } from "node:sqlite";
import { messageOf } from "#pkg/errors/errors.ts";
import { listDays, openDayFile, toDay } from "./days.ts";

/** A block as it stands in its day file. */
export interface StoredBlock {
  day: number;
  data: Uint8Array;
  /** Log position up to which samples may be in it. */
  written: number;
  /** Whether its checksum was found right since the file was opened. */
  isChecked: boolean;
}

/** What tells whether a roll-up was made from these very blocks. */
export interface BlockState {
  blocks: number;
  lastId: number;
}
export const noBlocks: BlockState = { blocks: 0, lastId: 0 };

/** States of all groups of a day. */
export function readStates(database: DatabaseSync): ReadonlyMap<number, BlockState> {
  const rows = database.prepare("select series_group g, count(*) n, max(id) i from block group by series_group").all();
  return new Map(rows.map(({ g, n, i }) => [Number(g), { blocks: Number(n), lastId: Number(i) }]));
}

/** Reads blocks of all days; what is damaged is left out and named once. */
export interface DayReader {
  /** Visits the packed blocks of a group that may hold samples of this time, in the order they were written. A `RangeError` says that the block is damaged. */
  eachBlock(group: number, fromMs: number, toMs: number, visit: (block: StoredBlock) => void): void;
  /** Days that have a file, ascending. */
  readonly days: readonly number[];
  /** How many blocks a group has in a day, and the number of the last one: changes whenever the day does. */
  stateOf(day: number, group: number): BlockState;
  /** Looks again which files there are, and closes all. */
  refresh(): void;
  /** Names damage that somebody else found in what it gave. */
  report(text: string): void;
  /** How often it did. */
  readonly epoch: number;
  close(): void;
}

/** So many files stay open for reading. */
const mostOpen = 8;

export function createDayReader(folder: string, onDamage: (text: string) => void): DayReader {
  let [days, epoch] = [listDays(folder), 0];
  const open = new Map<number, OpenDay>();
  const states = new Map<number, ReadonlyMap<number, BlockState>>();
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
    report,
    get days() {
      return days;
    },
    stateOf(day, group) {
      const known = states.get(day) ?? (days.includes(day) ? readStates(dayOf(day).database) : new Map());
      states.set(day, known);
      return known.get(group) ?? noBlocks;
    },
    get epoch() {
      return epoch;
    },
    refresh() {
      epoch++;
      closeAll();
      states.clear();
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
  const database = openDayFile(folder, day);
  const select = database.prepare(
    "select id, data, written from block where series_group = ? and from_ms <= ? and to_ms >= ? order by id",
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
  for (const { id, data, written } of select.all(...range)) {
    try {
      if (!(data instanceof Uint8Array)) throw new RangeError("it is no blob");
      visit({ day, data, written: Number(written), isChecked: checked.has(id) });
      checked.add(id);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      report(`block ${id} of day ${day} is damaged (${error.message}); it is left out`);
    }
  }
}
