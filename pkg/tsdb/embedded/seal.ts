import { type BlockBuilder, createBlockBuilder, groupSize, mostSamples } from "./block.ts";
import { kinds } from "./catalogue.ts";
import { emptyNewest, groupOf, type NewestOfGroup, writeCatalogueFile } from "./catalogue-file.ts";
import { BrokenDay, createDayWriters, type DayWriters, type SealReport } from "./day-writers.ts";
import { dayMs, toDay } from "./days.ts";
import {
  createSharedRoom,
  type HeadArrays,
  type HeadRoom,
  type HeadSamples,
  readHead,
  type TextHead,
} from "./generation.ts";
import { createOrderRoom, findTime, type OrderRoom, toOrder } from "./order.ts";
import { salvageDay } from "./salvage.ts";
import { viewSlab } from "./slabs.ts";
import { createScratchRoom, type ScratchRoom } from "./values.ts";
import type { Words } from "./words.ts";

/** One generation to be made permanent; can be sent to another thread. */
export interface SealJob extends Omit<HeadArrays, "slabs"> {
  slabs: SharedArrayBuffer[];
  texts: ReadonlyMap<number, TextHead>;
  /** Number of each series' kind in `kinds`. */
  kindCodes: Uint8Array;
  dayFolder: string;
  cataloguePath: string;
  /** Series that the catalogue file does not hold yet, packed. */
  series: Uint8Array | undefined;
  sealedTo: number;
}

/** Samples of one series in order, no time twice. */
export interface Ordered {
  timeMs: Float64Array;
  words?: Words;
  texts?: readonly string[];
}

/**
 * Writes a generation's samples as blocks into the files of their days, then newest samples, new series and the log
 * position into the catalogue file. Done twice it does no harm: blocks written later overrule equal ones.
 */
export function seal(job: SealJob): SealReport {
  const repairs: string[] = [];
  for (;;) {
    try {
      const report = sealOnce(job);
      return { ...report, repairs: [...repairs, ...report.repairs] };
    } catch (error) {
      // Once for each day: what is left of it in a new file is not broken.
      if (!(error instanceof BrokenDay) || repairs.some((text) => text.startsWith(error.message))) throw error;
      repairs.push(`${error.message}; ${salvageDay(job.dayFolder, error.day)}`);
    }
  }
}

function sealOnce(job: SealJob): SealReport {
  const days = createDayWriters(job.dayFolder);
  const newest = new Map<number, NewestOfGroup>();
  const source = {
    job,
    heads: { ...job, slabs: job.slabs.map(viewSlab) },
    ...{ room: createSharedRoom(), sortedRoom: createSharedRoom(), orderRoom: createOrderRoom() },
    ...{ scratchRoom: createScratchRoom(), builders: new Map() },
  };
  try {
    for (let first = 0; first < job.kindCodes.length; first += groupSize) sealGroup(source, first, days, newest);
    const report = days.commit();
    const { cataloguePath: path, series, sealedTo } = job;
    const damage = writeCatalogueFile({ path, series, newest, sealedTo });
    return { ...report, damage };
  } finally {
    days.close();
  }
}

/** Where the samples come from. */
interface Source {
  job: SealJob;
  heads: HeadArrays;
  room: HeadRoom;
  /** Where samples are put in order. */
  sortedRoom: HeadRoom;
  orderRoom: OrderRoom;
  scratchRoom: ScratchRoom;
  /** By day; used again for each group. */
  builders: Map<number, BlockBuilder>;
}

function sealGroup(source: Source, first: number, days: DayWriters, newest: Map<number, NewestOfGroup>): void {
  const { job, builders } = source;
  const end = Math.min(first + groupSize, job.kindCodes.length);
  for (let series = first; series < end; series++) {
    const samples = readOrdered(source, series);
    if (!samples) continue;
    const { group, member } = groupOf(series);
    if (samples.words) {
      const last = { value: samples.words.value.subarray(-1), bits: samples.words.bits.subarray(-2) };
      keepNewest(newest, group, member, samples.timeMs, toNumbers(last, job.kindCodes[series]));
    }
    for (const part of splitByDay(samples)) {
      const day = toDay(part.timeMs[0] ?? 0);
      const builder = builders.get(day) ?? createBlockBuilder(source.scratchRoom);
      builders.set(day, builder);
      builder.add({ member, kind: job.kindCodes[series] ?? 0, ...part });
    }
  }
  for (const [day, builder] of builders) {
    if (builder.isEmpty) continue;
    const { fromMs, toMs } = builder;
    days.write(day, { group: groupOf(first).group, fromMs, toMs, data: builder.take(), written: job.sealedTo });
  }
}

/** Good until the next series is read. */
function readOrdered({ job, heads, room, sortedRoom, orderRoom }: Source, series: number): Ordered | undefined {
  const text = job.texts.get(series);
  if (text) {
    const order = toOrder(text.timeMs);
    return {
      timeMs: Float64Array.from(order, (i) => text.timeMs[i] ?? 0),
      texts: Array.from(order, (i) => text.value[i] ?? ""),
    };
  }
  if ((heads.count[series] ?? 0) === 0) return undefined;
  const head = readHead(heads, series, room);
  return heads.unordered[series] === 1 ? inOrder(head, toOrder(head.timeMs, orderRoom), sortedRoom) : head;
}

/** Hot where several writers send the same series: plain loops; `order` holds indexes of the samples. */
function inOrder({ timeMs, words }: HeadSamples, order: Uint32Array, room: HeadRoom): Ordered & HeadSamples {
  const sorted = room(order.length);
  const { bits } = sorted.words;
  for (let i = 0; i < order.length; i++) {
    const place = order[i] as number;
    sorted.timeMs[i] = timeMs[place] as number;
    // Bits, not floats: see `readHead`.
    bits[2 * i] = words.bits[2 * place] as number;
    bits[2 * i + 1] = words.bits[2 * place + 1] as number;
  }
  return sorted;
}

/** Parts of each day; they share memory with the samples. */
export function splitByDay(samples: Ordered): Ordered[] {
  const parts: Ordered[] = [];
  const { timeMs, words, texts } = samples;
  for (let from = 0; from < timeMs.length; ) {
    const to = Math.min(findTime(timeMs, (toDay(timeMs[from] ?? 0) + 1) * dayMs), from + mostSamples);
    parts.push({
      timeMs: timeMs.subarray(from, to),
      ...(words && { words: { value: words.value.subarray(from, to), bits: words.bits.subarray(2 * from, 2 * to) } }),
      ...(texts && { texts: texts.slice(from, to) }),
    });
    from = to;
  }
  return parts;
}

function keepNewest(
  newest: Map<number, NewestOfGroup>,
  group: number,
  member: number,
  timeMs: Float64Array,
  values: Float64Array,
): void {
  const samples = newest.get(group) ?? emptyNewest();
  newest.set(group, samples);
  samples[member] = timeMs.at(-1) ?? Number.NEGATIVE_INFINITY;
  samples[groupSize + member] = values.at(-1) ?? 0;
}

/** Values as floats; 64-bit integers lose what is beyond 2^53. */
export function toNumbers(words: Words, kindCode: number | undefined): Float64Array {
  if (kinds[kindCode ?? 0] !== "int") return words.value;
  const { bits, value } = words;
  const numbers = new Float64Array(value.length);
  // Hot: indexes are below the lengths.
  for (let i = 0; i < numbers.length; i++)
    numbers[i] = (bits[2 * i + 1] as number) * 2 ** 32 + ((bits[2 * i] as number) >>> 0);
  return numbers;
}
