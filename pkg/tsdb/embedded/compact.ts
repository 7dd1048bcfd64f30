import type { DatabaseSync } from "node:sqlite";
import { type Chunk, createBlockBuilder, groupShift, groupSize, readBlock, stringKind } from "./block.ts";
import { inTransaction } from "./database.ts";
import { type BlockState, readStates } from "./day-reader.ts";
import { dayMs, openDayFile } from "./days.ts";
import { findTime, isAscending, toOrder } from "./order.ts";
import { type DaySamples, makeRollups, type RollupChunk, readRollup } from "./rollup.ts";
import { openRollupFile, rollupLevels, writeRollups } from "./rollup-file.ts";
import { createTombstones, findKept, type Tombstone, type Tombstones } from "./tombstones.ts";
import { createWords, type Words } from "./words.ts";

/** A day to be put in order; can be sent to another thread. */
export interface CompactJob {
  dayFolder: string;
  rollupFolder: string;
  day: number;
  tombstones: Tombstone[];
  /** 1 for each series whose raw samples of this day are no longer kept. */
  retired: Uint8Array;
}

export interface CompactReport {
  /** Groups that were rewritten. */
  groups: number;
  damage: string[];
}

/** Samples of a series in a block of a day, at most: more would make the reading of one hour of one series slow. */
const chunkSamples = 512;

/**
 * Rewrites each group of a day that has several blocks, deletions or retired series: its blocks follow each other in
 * time, no sample twice; and its roll-ups. Each group is one transaction: what is written meanwhile comes in between.
 */
export function compactDay(job: CompactJob): CompactReport {
  const report: CompactReport = { groups: 0, damage: [] };
  const day = openDayFile(job.dayFolder, job.day);
  const rollups = openRollupFile(job.rollupFolder, job.day);
  const work: Work = { job, day, rollups, deletions: createTombstones(job.tombstones), report };
  try {
    for (const [group, state] of readStates(day)) if (!isInOrder(work, group, state.blocks)) compactGroup(work, group);
    day.exec("pragma wal_checkpoint(truncate)");
    return report;
  } finally {
    rollups.close();
    day.close();
  }
}

interface Work {
  job: CompactJob;
  day: DatabaseSync;
  rollups: DatabaseSync;
  deletions: Tombstones;
  report: CompactReport;
}

/** Whether the roll-ups fit the blocks and nothing is to be taken out. */
function isInOrder({ job, day, rollups, deletions }: Work, group: number, blocks: number): boolean {
  const first = group << groupShift;
  if (deletions.isMarked(group, job.day * dayMs, (job.day + 1) * dayMs - 1)) return false;
  if (job.retired.subarray(first, first + groupSize).includes(1) && holdsRetired(job, day, group)) return false;
  const find = rollups.prepare("select blocks, last_id from rollup where series_group = ? and day = ? limit 1");
  const known = find.get(group, job.day);
  const lastId = day.prepare("select max(id) i from block where series_group = ?").get(group)?.["i"];
  return known?.["blocks"] === blocks && known["last_id"] === lastId;
}

function holdsRetired({ retired }: CompactJob, day: DatabaseSync, group: number): boolean {
  let isFound = false;
  for (const { data } of day.prepare("select data from block where series_group = ?").all(group)) {
    if (!(data instanceof Uint8Array)) continue;
    try {
      readBlock(
        data,
        (member) => {
          isFound ||= retired[(group << groupShift) + member] === 1;
          return false;
        },
        () => undefined,
      );
    } catch (error) {
      // Damage is found and told where the block is read.
      if (!(error instanceof RangeError)) throw error;
    }
  }
  return isFound;
}

/** Pieces of one series in the order they were written. */
interface Pieces {
  kind: number;
  timeMs: Float64Array[];
  words: Words[];
  texts: string[];
}

function compactGroup(work: Work, group: number): void {
  const { day, report, job } = work;
  const { members, state } = inTransaction(day, () => {
    const rows = day.prepare("select id, written, data from block where series_group = ? order by id").all(group);
    const pieces = new Map<number, Pieces>();
    const read: number[] = [];
    let written = 0;
    for (const row of rows) {
      if (!takeBlock(work, group, row, pieces)) continue;
      read.push(Number(row["id"]));
      written = Math.max(written, Number(row["written"]));
    }
    const members = new Map([...pieces].sort(([a], [b]) => a - b).map(([member, all]) => [member, toOrdered(all)]));
    const isKept = (member: number) => job.retired[(group << groupShift) + member] !== 1;
    writeBlocks(day, job.day, group, written, new Map([...members].filter(([member]) => isKept(member))));
    const remove = day.prepare("delete from block where id = ?");
    for (const id of read) remove.run(id);
    const counted = day.prepare("select count(*) n, max(id) i from block where series_group = ?").get(group);
    return { members, state: { blocks: Number(counted?.["n"] ?? 0), lastId: Number(counted?.["i"] ?? 0) } };
  });
  report.groups++;
  // After the blocks: roll-ups that were made from others than these are not looked at.
  keepRollups(work, group, members, state);
}

/** Adds the chunks of a block; false when it is damaged and stays as it is. */
function takeBlock(work: Work, group: number, row: Record<string, unknown>, pieces: Map<number, Pieces>): boolean {
  const { id, data } = row;
  const found: Chunk[] = [];
  try {
    if (!(data instanceof Uint8Array)) throw new RangeError("it is no blob");
    readBlock(
      data,
      () => true,
      (chunk) => found.push({ ...chunk, timeMs: chunk.timeMs.slice() }),
    );
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    work.report.damage.push(`block ${id} of day ${work.job.day} is damaged (${error.message}); it is left out`);
    return false;
  }
  for (const chunk of found) {
    const deletions = work.deletions.of((group << groupShift) + chunk.member, Number(row["written"]));
    addPiece(pieces, pickKept(chunk, findKept(chunk.timeMs, deletions)));
  }
  return true;
}

function pickKept(chunk: Chunk, kept: readonly number[] | undefined): Chunk {
  if (!kept) return chunk;
  const timeMs = Float64Array.from(kept, (place) => chunk.timeMs[place] ?? 0);
  const { words, texts } = chunk;
  return {
    ...{ member: chunk.member, kind: chunk.kind, timeMs },
    ...(words && { words: pickWords(words, kept) }),
    ...(texts && { texts: kept.map((place) => texts[place] ?? "") }),
  };
}

function pickWords({ bits }: Words, places: ArrayLike<number>): Words {
  const picked = createWords(places.length);
  for (let i = 0; i < places.length; i++) {
    const place = places[i] ?? 0;
    picked.bits[2 * i] = bits[2 * place] ?? 0;
    picked.bits[2 * i + 1] = bits[2 * place + 1] ?? 0;
  }
  return picked;
}

function addPiece(pieces: Map<number, Pieces>, { member, kind, timeMs, words, texts }: Chunk): void {
  const known = pieces.get(member) ?? { kind, timeMs: [], words: [], texts: [] };
  pieces.set(member, known);
  known.timeMs.push(timeMs);
  if (words) known.words.push(words);
  if (texts) known.texts.push(...texts);
}

interface OrderedSamples extends DaySamples {
  texts: string[];
}

function toOrdered({ kind, timeMs, words, texts }: Pieces): OrderedSamples {
  const times = new Float64Array(timeMs.reduce((total, piece) => total + piece.length, 0));
  const all = createWords(kind === stringKind ? 0 : times.length);
  let at = 0;
  timeMs.forEach((piece, i) => {
    times.set(piece, at);
    all.bits.set(words[i]?.bits.subarray(0, 2 * piece.length) ?? [], 2 * at);
    at += piece.length;
  });
  if (isAscending(times)) return { kind, timeMs: times, words: all, texts };
  const order = toOrder(times);
  const sorted = Float64Array.from(order, (place) => times[place] ?? 0);
  const isText = kind === stringKind;
  return {
    ...{ kind, timeMs: sorted, words: isText ? all : pickWords(all, order) },
    texts: isText ? Array.from(order, (place) => texts[place] ?? "") : [],
  };
}

function writeBlocks(
  day: DatabaseSync,
  dayNumber: number,
  group: number,
  written: number,
  members: ReadonlyMap<number, OrderedSamples>,
): void {
  const insert = day.prepare("insert into block (series_group, from_ms, to_ms, data, written) values (?, ?, ?, ?, ?)");
  const most = Math.max(1, ...[...members.values()].map(({ timeMs }) => timeMs.length));
  const spanMs = dayMs / Math.ceil(most / chunkSamples);
  for (let fromMs = dayNumber * dayMs; fromMs < (dayNumber + 1) * dayMs; fromMs += spanMs) {
    const builder = createBlockBuilder();
    for (const [member, samples] of members) {
      const [from, to] = [findTime(samples.timeMs, fromMs), findTime(samples.timeMs, fromMs + spanMs)];
      if (from === to) continue;
      const { kind, timeMs, words, texts } = samples;
      const part = { member, kind, timeMs: timeMs.subarray(from, to) };
      if (kind === stringKind) builder.add({ ...part, texts: texts.slice(from, to) });
      else
        builder.add({
          ...part,
          words: { value: words.value.subarray(from, to), bits: words.bits.subarray(2 * from, 2 * to) },
        });
    }
    if (builder.isEmpty) continue;
    const [firstMs, lastMs] = [builder.fromMs, builder.toMs];
    insert.run(group, firstMs, lastMs, builder.take(), written);
  }
}

/** Roll-ups of what is there; of series whose samples are gone, what older roll-ups say. */
function keepRollups(work: Work, group: number, members: ReadonlyMap<number, OrderedSamples>, state: BlockState): void {
  const { job, rollups } = work;
  const numbers = new Map([...members].filter(([, { kind, timeMs }]) => kind !== stringKind && timeMs.length > 0));
  const find = rollups.prepare("select data from rollup where level_ms = ? and series_group = ? and day = ?");
  const carried = new Map(
    rollupLevels.map((levelMs) => {
      const data = find.get(levelMs, group, job.day)?.["data"];
      return [levelMs, data instanceof Uint8Array ? carry(work, data, members) : []];
    }),
  );
  const rows = makeRollups(job.day, numbers, carried);
  writeRollups(rollups, { day: job.day, group, state, rows });
}

/** What is deleted has samples in a block (see `takeBlock`): what has none was retired, and its roll-up stays. */
function carry(work: Work, data: Uint8Array, members: ReadonlyMap<number, unknown>): RollupChunk[] {
  try {
    return readRollup(data, (member) => !members.has(member));
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    work.report.damage.push(`a roll-up of day ${work.job.day} is damaged (${error.message}); it is made anew`);
    return [];
  }
}
