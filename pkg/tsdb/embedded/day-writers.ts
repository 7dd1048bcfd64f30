import type { DatabaseSync } from "node:sqlite";
import { messageOf } from "#pkg/errors/errors.ts";
import { isBroken } from "./database.ts";
import { openDayFile, setDayAside } from "./days.ts";

/** What a seal wrote. */
export interface SealReport {
  /** Days that were written. */
  days: number[];
  blocks: number;
  /** Broken day files that were moved away, in words for people. */
  repairs: string[];
  /** What was found damaged and left as it is, in words for people. */
  damage: string[];
}

/** A packed block on its way to a day file. */
export interface BlockRow {
  group: number;
  fromMs: number;
  toMs: number;
  data: Uint8Array;
  /** Log position up to which samples may be in it. */
  written: number;
}

/** The day files that one seal writes, each in one transaction. */
export interface DayWriters {
  write(day: number, row: BlockRow): void;
  /** Makes all permanent. */
  commit(): SealReport;
  /** Gives up what is not committed. */
  close(): void;
}

/** So many files are open at once: a backfill of years goes through them in turn. */
const mostOpen = 32;

export function createDayWriters(folder: string): DayWriters {
  const open = new Map<number, { database: DatabaseSync; insert: (row: BlockRow) => void }>();
  const report: SealReport = { days: [], blocks: 0, repairs: [], damage: [] };
  const finish = (day: number) => {
    const database = open.get(day)?.database;
    open.delete(day);
    if (!database) return;
    try {
      database.exec("commit; pragma wal_checkpoint(truncate)");
    } finally {
      database.close();
    }
  };
  const writerOf = (day: number) => {
    const known = open.get(day);
    if (known) return known;
    for (const [oldest] of open) if (open.size >= mostOpen) finish(oldest);
    const database = openDay(folder, day, report);
    const statement = database.prepare(
      "insert into block (series_group, from_ms, to_ms, data, written) values (?, ?, ?, ?, ?)",
    );
    const writer = {
      database,
      insert: (row: BlockRow) => void statement.run(row.group, row.fromMs, row.toMs, row.data, row.written),
    };
    open.set(day, writer);
    return writer;
  };
  return {
    write(day, row) {
      named(day, () => writerOf(day).insert(row));
      if (!report.days.includes(day)) report.days.push(day);
      report.blocks++;
    },
    commit() {
      for (const day of [...open.keys()]) named(day, () => finish(day));
      return report;
    },
    close() {
      for (const { database } of open.values()) database.close();
      open.clear();
    },
  };
}

/** Thrown when SQLite finds the file of a day broken while it is written: nothing of this seal is in it. */
export class BrokenDay extends Error {
  readonly day: number;
  constructor(day: number, cause: unknown) {
    super(`the file of day ${day} is broken (${messageOf(cause)})`, { cause });
    this.day = day;
  }
}

function named(day: number, work: () => void): void {
  try {
    work();
  } catch (error) {
    throw isBroken(error) ? new BrokenDay(day, error) : error;
  }
}

/** Opens a day inside a transaction. A file that SQLite cannot read is moved away, so that sealing goes on. */
function openDay(folder: string, day: number, report: SealReport): DatabaseSync {
  try {
    return begin(folder, day);
  } catch (error) {
    if (!isBroken(error)) throw error;
    const target = setDayAside(folder, day);
    report.repairs.push(`the file of day ${day} is no database any more; it was set aside as ${target}`);
    return begin(folder, day);
  }
}

function begin(folder: string, day: number): DatabaseSync {
  const database = openDayFile(folder, day);
  try {
    database.exec("begin immediate");
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}
