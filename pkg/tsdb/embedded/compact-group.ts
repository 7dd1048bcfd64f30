import type { DatabaseSync } from "node:sqlite";
import { createBlockBuilder, groupShift, stringKind } from "./block.ts";
import type { CompactJob, CompactReport } from "./compact.ts";
import { inTransaction } from "./database.ts";
import type { BlockState } from "./day-reader.ts";
import { type OrderedSamples, splitMembers, takeMembers, type WrittenBlock } from "./day-samples.ts";
import { dayMs } from "./days.ts";
import { openBlock } from "./open-block.ts";
import { findTime } from "./order.ts";
import { cutChunks, makeChunks, packChunks, type RollupChunk, readRollup } from "./rollup.ts";
import { rollupLevels } from "./rollup-file.ts";
import { type RollupPlace, readRollupRow, writeRollups } from "./rollup-row.ts";
import type { Tombstones } from "./tombstones.ts";

/** A day that is being put in order. */
export interface Work {
  job: CompactJob;
  day: DatabaseSync;
  rollups: DatabaseSync;
  deletions: Tombstones;
  report: CompactReport;
  /** Throws `Stopped` when the thread is to end: the transaction that is open is given up. */
  goOn(): void;
}

/** Thrown to leave a group as it was. */
export class Stopped extends Error {}

/** Samples of a series in a block of a day, at most: more would make the reading of one hour of one series slow. */
const chunkSamples = 512;

/** Rewrites the blocks of a group in one transaction, then its roll-ups. */
export function compactGroup(work: Work, group: number): void {
  const { day, report } = work;
  const made: RollupSource = { members: new Set(), chunks: new Map(rollupLevels.map((levelMs) => [levelMs, []])) };
  const state = inTransaction(day, () => {
    const rows = readRows(work, group);
    const written = rows.reduce((latest, row) => Math.max(latest, row.written), 0);
    for (const members of splitMembers(rows)) writePart(work, { group, rows, members, written }, made);
    const remove = day.prepare("delete from block where id = ?");
    for (const { id } of rows) remove.run(id);
    work.goOn();
    const counted = day.prepare("select count(*) n, max(id) i from block where series_group = ?").get(group);
    return { blocks: Number(counted?.["n"] ?? 0), lastId: Number(counted?.["i"] ?? 0) };
  });
  report.groups++;
  // After the blocks: roll-ups that were made from others than these are not looked at.
  keepRollups(work, group, made, state);
}

interface Row extends WrittenBlock {
  id: number;
}

/** Blocks of a group; damaged ones are named, and stay as they are. */
function readRows({ day, job, report }: Work, group: number): Row[] {
  const rows = day.prepare("select id, written, data from block where series_group = ? order by id").all(group);
  return rows.flatMap(({ id, written, data }) => {
    try {
      if (!(data instanceof Uint8Array)) throw new RangeError("it is no blob");
      openBlock(data);
      return [{ id: Number(id), written: Number(written), data }];
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      report.damage.push(`block ${id} of day ${job.day} is damaged (${error.message}); it is left out`);
      return [];
    }
  });
}

/** What roll-ups of a group and day are made from. */
interface RollupSource {
  /** Members that have, or had, samples in the blocks. */
  members: Set<number>;
  chunks: Map<number, RollupChunk[]>;
}

interface Part {
  group: number;
  rows: readonly Row[];
  members: ReadonlySet<number>;
  written: number;
}

function writePart({ day, job, deletions, goOn }: Work, part: Part, made: RollupSource): void {
  const first = part.group << groupShift;
  const samples = takeMembers(part.rows, part.members, (member, written) => {
    goOn();
    return deletions.of(first + member, written);
  });
  const kept = new Map([...samples].filter(([member]) => job.retired[first + member] !== 1));
  writeBlocks(day, job.day, part, kept, goOn);
  for (const member of samples.keys()) made.members.add(member);
  const numbers = new Map([...samples].filter(([, { kind, timeMs }]) => kind !== stringKind && timeMs.length > 0));
  for (const levelMs of rollupLevels) made.chunks.get(levelMs)?.push(...makeChunks(job.day, levelMs, numbers));
}

function writeBlocks(
  day: DatabaseSync,
  dayNumber: number,
  { group, written }: Part,
  members: ReadonlyMap<number, OrderedSamples>,
  goOn: () => void,
): void {
  const insert = day.prepare("insert into block (series_group, from_ms, to_ms, data, written) values (?, ?, ?, ?, ?)");
  const most = Math.max(1, ...[...members.values()].map(({ timeMs }) => timeMs.length));
  const spanMs = dayMs / Math.ceil(most / chunkSamples);
  for (let fromMs = dayNumber * dayMs; fromMs < (dayNumber + 1) * dayMs; fromMs += spanMs) {
    const builder = createBlockBuilder();
    goOn();
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

/** Roll-ups of what is there; of series whose samples are gone, what older roll-ups say, without what is deleted. */
function keepRollups(work: Work, group: number, { members, chunks }: RollupSource, state: BlockState): void {
  const { job, rollups } = work;
  const deletionsOf = (member: number) => work.deletions.of((group << groupShift) + member, Number.NEGATIVE_INFINITY);
  const rows = new Map<number, Uint8Array>();
  for (const levelMs of rollupLevels) {
    const older = carry(work, { levelMs, group, day: job.day }, members);
    const carried = cutChunks(older, deletionsOf, { day: job.day, levelMs });
    const packed = packChunks([...carried, ...(chunks.get(levelMs) ?? [])]);
    if (packed) rows.set(levelMs, packed);
    // Texts have none: what says so needs not be looked for again.
    else if (members.size > 0 && state.blocks > 0) rows.set(levelMs, createBlockBuilder().take());
  }
  writeRollups(rollups, { day: job.day, group, state, rows });
}

/** A series that has no samples in the blocks, not even deleted ones, is retired: its roll-up stays. */
function carry({ rollups, report }: Work, place: RollupPlace, members: ReadonlySet<number>): RollupChunk[] {
  try {
    const rollup = readRollupRow(rollups, place);
    return rollup ? readRollup(rollup.data, (member) => !members.has(member)) : [];
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    report.damage.push(
      `the roll-up of ${place.levelMs / 60_000} min of series ${place.group << groupShift} and following of day ` +
        `${place.day} is damaged (${error.message}); it is made anew of the samples that are there`,
    );
    return [];
  }
}
