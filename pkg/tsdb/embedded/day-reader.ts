import type { DatabaseSync } from "node:sqlite";
import { messageOf } from "#pkg/errors/errors.ts";
import { type OpenDay, openDay, type StoredBlock } from "./day-blocks.ts";
import { listDays, toDay } from "./days.ts";
import { createKeptBlocks } from "./kept-blocks.ts";
import { findLoss } from "./proof.ts";

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

/** Reads blocks of all days; what is damaged is left out and named once. Blocks that were read lately stay in memory. */
export interface DayReader {
  /** Visits the blocks of a group that may hold samples of this time, in the order they were written. A `RangeError` says that the block is damaged. */
  eachBlock(group: number, fromMs: number, toMs: number, visit: (stored: StoredBlock) => void): void;
  /** Days that have a file, ascending. */
  readonly days: readonly number[];
  /** How many blocks a group has in a day, and the number of the last one: changes whenever the day does. */
  stateOf(day: number, group: number): BlockState;
  /** Looks again which blocks there are: some came. */
  added(): void;
  /** How often it did. */
  readonly additions: number;
  /** Looks again which files there are, forgets all blocks, and closes all. */
  refresh(): void;
  /** Names damage that somebody else found in what it gave. */
  report(text: string): void;
  /** How often it did. */
  readonly epoch: number;
  close(): void;
}

/** So many files stay open for reading. */
const mostOpen = 8;
/** A day that is being put in order changes between two looks; more often than that it does not. */
const mostLooks = 5;

export interface DayReaderDeps {
  folder: string;
  /** Blocks that stay in memory, those longest unused go first. */
  keptBytes: number;
  onDamage(text: string): void;
}

export function createDayReader({ folder, keptBytes, onDamage }: DayReaderDeps): DayReader {
  let [days, epoch, additions] = [listDays(folder), 0, 0];
  const open = new Map<number, OpenDay>();
  const kept = createKeptBlocks(keptBytes);
  const states = new Map<number, ReadonlyMap<number, BlockState>>();
  const damaged = new Set<string>();
  /** Days whose files were looked at whether they are whole. */
  const proven = new Set<number>();
  const report = (text: string) => {
    if (damaged.has(text)) return;
    damaged.add(text);
    onDamage(text);
  };
  const closeAll = () => {
    for (const { database } of open.values()) database.close();
    open.clear();
    kept.clear();
  };
  const openProven = (day: number) => {
    const file = openDay(folder, day);
    if (proven.has(day)) return file;
    proven.add(day);
    const loss = findLoss(file.database, false);
    if (loss !== undefined) report(`the file of day ${day} is damaged (${loss}); what is found of it is shown`);
    return file;
  };
  const dayOf = (day: number) => {
    const known = open.get(day) ?? openProven(day);
    open.delete(day);
    open.set(day, known);
    const [oldest] = open.keys();
    if (open.size > mostOpen && oldest !== undefined) {
      open.get(oldest)?.database.close();
      open.delete(oldest);
    }
    return known;
  };
  const blocksOf = (day: number, group: number, fromMs: number, toMs: number) => {
    for (let look = 0; look < mostLooks; look++) {
      const file = dayOf(day);
      const blocks = kept.get(day, group, additions) ?? file.list(group, kept.getOlder(day, group));
      if (file.load(group, blocks, fromMs, toMs, report)) {
        kept.set(day, group, additions, blocks);
        return blocks.rows.filter((row) => row.fromMs <= toMs && row.toMs >= fromMs);
      }
      kept.delete(day, group);
    }
    throw new Error("its blocks change all the time");
  };
  return {
    report,
    eachBlock(group, fromMs, toMs, visit) {
      for (const day of days) {
        if (day < toDay(fromMs) || day > toDay(toMs)) continue;
        try {
          for (const { id, stored } of blocksOf(day, group, fromMs, toMs)) {
            if (stored) guard(() => visit(stored), `block ${id} of day ${day}`, report);
          }
        } catch (error) {
          report(`the file of day ${day} cannot be read (${messageOf(error)}); it is left out`);
        }
      }
    },
    get days() {
      return days;
    },
    stateOf(day, group) {
      const known = states.get(day) ?? tryStates(day, () => (days.includes(day) ? dayOf(day) : undefined), report);
      states.set(day, known);
      return known.get(group) ?? noBlocks;
    },
    get additions() {
      return additions;
    },
    added() {
      additions++;
      states.clear();
      days = listDays(folder);
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

/** None of a day that cannot be read, which is named: its roll-ups fit no block then. */
function tryStates(day: number, open: () => OpenDay | undefined, report: (text: string) => void) {
  try {
    const file = open();
    return file ? readStates(file.database) : new Map<number, BlockState>();
  } catch (error) {
    report(`the file of day ${day} cannot be read (${messageOf(error)}); it is left out`);
    return new Map<number, BlockState>();
  }
}

function guard(visit: () => void, what: string, report: (text: string) => void): void {
  try {
    visit();
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    report(`${what} is damaged (${error.message}); it is left out`);
  }
}
