import type { DatabaseSync } from "node:sqlite";
import { messageOf } from "#pkg/errors/errors.ts";
import { groupShift, groupSize } from "./block.ts";
import { compactGroup, Stopped, type Work } from "./compact-group.ts";
import { isBroken } from "./database.ts";
import { readStates } from "./day-reader.ts";
import { dayMs, openDayFile } from "./days.ts";
import { openBlock } from "./open-block.ts";
import { findLoss, renewIndex } from "./proof.ts";
import { openRollupFile, rollupLevels, type StoredRollup } from "./rollup-file.ts";
import { type RollupPlace, readRollupRow, readRollupState } from "./rollup-row.ts";
import { salvageDay } from "./salvage.ts";
import { createTombstones, type Tombstone } from "./tombstones.ts";

/** A day to be put in order; can be sent to another thread. */
export interface CompactJob {
  dayFolder: string;
  rollupFolder: string;
  day: number;
  tombstones: Tombstone[];
  /** 1 for each series whose raw samples of this day are no longer kept. */
  retired: Uint8Array;
  /** One number of shared memory: not 0 when the thread is to stop as soon as what it has is whole. */
  stop: Int32Array;
  /** Whether roll-ups are read to see if they are damaged: of a month of many series that is some 100 MB. */
  isThorough?: boolean;
}

export interface CompactReport {
  /** Groups that were rewritten. */
  groups: number;
  damage: string[];
  /** Whether it was stopped before all groups were in order. */
  isStopped: boolean;
}

/**
 * Rewrites each group of a day that has several blocks, deletions or retired series: its blocks follow each other in
 * time, no sample twice; and its roll-ups. Each group is one transaction: what is written meanwhile comes in between.
 */
export function compactDay(job: CompactJob): CompactReport {
  const report: CompactReport = { groups: 0, damage: [], isStopped: false };
  const day = openMended(job, report);
  const rollups = openRollupFile(job.rollupFolder, job.day);
  const goOn = () => {
    if (Atomics.load(job.stop, 0) !== 0) throw new Stopped();
  };
  const work: Work = { job, day, rollups, deletions: createTombstones(job.tombstones), report, goOn };
  try {
    for (const [group, state] of readStates(day)) {
      goOn();
      bringInOrder(work, group, state.blocks);
    }
    day.exec("pragma wal_checkpoint(truncate)");
    return report;
  } catch (error) {
    if (!(error instanceof Stopped)) throw error;
    return { ...report, isStopped: true };
  } finally {
    rollups.close();
    day.close();
  }
}

/** Opens a day's file. What an index alone has lost comes back with a new one; else what can be read goes into a new file. */
function openMended({ dayFolder, day }: CompactJob, report: CompactReport): DatabaseSync {
  const told = (loss: string, end: string) => {
    report.groups++;
    report.damage.push(`the file of day ${day} is damaged (${loss}); ${end}`);
  };
  const { database, loss } = tryOpen(dayFolder, day);
  if (database && loss === undefined) return database;
  if (database && renewIndex(database) && findLoss(database, true) === undefined) {
    told(loss ?? "", "all of it was found again");
    return database;
  }
  database?.close();
  told(loss ?? "", salvageDay(dayFolder, day));
  return openDayFile(dayFolder, day);
}

function tryOpen(folder: string, day: number): { database?: DatabaseSync; loss: string | undefined } {
  try {
    const database = openDayFile(folder, day);
    return { database, loss: findLoss(database, true) };
  } catch (error) {
    if (!isBroken(error)) throw error;
    return { loss: messageOf(error) };
  }
}

function bringInOrder(work: Work, group: number, blocks: number): void {
  try {
    if (!isInOrder(work, group, blocks)) compactGroup(work, group);
  } catch (error) {
    if (!isBroken(error)) throw error;
    const { report, job } = work;
    report.damage.push(
      `series ${group << groupShift} and following of day ${job.day} cannot be put in order (${error})`,
    );
  }
}

/** Whether the roll-ups fit the blocks and nothing is to be taken out. */
function isInOrder({ job, day, rollups, deletions }: Work, group: number, blocks: number): boolean {
  const first = group << groupShift;
  if (deletions.isMarked(group, job.day * dayMs, (job.day + 1) * dayMs - 1)) return false;
  if (job.retired.subarray(first, first + groupSize).includes(1) && holdsRetired(job, day, group)) return false;
  const lastId = day.prepare("select max(id) i from block where series_group = ?").get(group)?.["i"];
  return rollupLevels.every((levelMs) => {
    const place = { levelMs, group, day: job.day };
    const known = job.isThorough ? tryRead(rollups, place) : readRollupState(rollups, place);
    return known?.blocks === blocks && known.lastId === lastId;
  });
}

/** The roll-up at a place; undefined also when it is damaged, which is told when it is made anew. */
function tryRead(rollups: DatabaseSync, place: RollupPlace): StoredRollup | undefined {
  try {
    return readRollupRow(rollups, place);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return undefined;
  }
}

function holdsRetired({ retired }: CompactJob, day: DatabaseSync, group: number): boolean {
  let isFound = false;
  for (const { data } of day.prepare("select data from block where series_group = ?").all(group)) {
    if (!(data instanceof Uint8Array)) continue;
    try {
      const members = openBlock(data).member;
      isFound ||= members.some((member) => retired[(group << groupShift) + member] === 1);
    } catch (error) {
      // Damage is found and told where the block is read.
      if (!(error instanceof RangeError)) throw error;
    }
  }
  return isFound;
}
