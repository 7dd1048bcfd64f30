import { type Chunk, readBlock, stringKind } from "./block.ts";
import { openBlock } from "./open-block.ts";
import { isAscending, toOrder } from "./order.ts";
import type { DaySamples } from "./rollup.ts";
import { findKept, type Tombstone } from "./tombstones.ts";
import { createWords, pickWords, type Words } from "./words.ts";

/** A block as it is to be taken apart. */
export interface WrittenBlock {
  data: Uint8Array;
  written: number;
}

/** All samples of one series and day, ascending in time, no time twice. */
export interface OrderedSamples extends DaySamples {
  texts: string[];
}

/** Samples that are in memory at once; more of one group are taken in parts. */
const mostAtOnce = 2_000_000;

/** The members of undamaged blocks in parts, so that few enough samples are in memory at once. */
export function splitMembers(blocks: readonly WrittenBlock[], most = mostAtOnce): Set<number>[] {
  const parts: Set<number>[] = [];
  let room = 0;
  for (const [member, samples] of [...countSamples(blocks)].sort(([a], [b]) => a - b)) {
    if (room < samples || parts.length === 0) [room] = [most, parts.push(new Set())];
    parts.at(-1)?.add(member);
    room -= samples;
  }
  return parts;
}

function countSamples(blocks: readonly WrittenBlock[]): Map<number, number> {
  const samples = new Map<number, number>();
  for (const { data } of blocks) {
    const { chunks, member, length } = openBlock(data, true);
    for (let i = 0; i < chunks; i++) {
      const place = member[i] ?? 0;
      samples.set(place, (samples.get(place) ?? 0) + (length[i] ?? 0));
    }
  }
  return samples;
}

/** Pieces of one series in the order they were written. */
interface Pieces {
  kind: number;
  timeMs: Float64Array[];
  words: Words[];
  texts: string[];
}

/** The samples of some members that stay, by member; of one whose samples are all deleted there are none. */
export function takeMembers(
  blocks: readonly WrittenBlock[],
  members: ReadonlySet<number>,
  deletionsOf: (member: number, written: number) => readonly Tombstone[],
): Map<number, OrderedSamples> {
  const pieces = new Map<number, Pieces>();
  for (const { data, written } of blocks) {
    readBlock(
      data,
      (member) => members.has(member),
      (chunk) => {
        const kept = findKept(chunk.timeMs, deletionsOf(chunk.member, written));
        addPiece(pieces, kept ? pickKept(chunk, kept) : { ...chunk, timeMs: chunk.timeMs.slice() });
      },
    );
  }
  return new Map([...pieces].sort(([a], [b]) => a - b).map(([member, all]) => [member, toOrdered(all)]));
}

function pickKept({ member, kind, timeMs, words, texts }: Chunk, kept: readonly number[]): Chunk {
  return {
    ...{ member, kind, timeMs: Float64Array.from(kept, (place) => timeMs[place] ?? 0) },
    ...(words && { words: pickWords(words, kept) }),
    ...(texts && { texts: kept.map((place) => texts[place] ?? "") }),
  };
}

function addPiece(pieces: Map<number, Pieces>, { member, kind, timeMs, words, texts }: Chunk): void {
  const known = pieces.get(member) ?? { kind, timeMs: [], words: [], texts: [] };
  pieces.set(member, known);
  known.timeMs.push(timeMs);
  if (words) known.words.push(words);
  for (const text of texts ?? []) known.texts.push(text);
}

function toOrdered({ kind, timeMs, words, texts }: Pieces): OrderedSamples {
  const times = new Float64Array(timeMs.reduce((total, piece) => total + piece.length, 0));
  const all = createWords(kind === stringKind ? 0 : times.length);
  let at = 0;
  timeMs.forEach((piece, i) => {
    times.set(piece, at);
    // Texts have none, and no room for them.
    const bits = words[i]?.bits;
    if (bits) all.bits.set(bits.subarray(0, 2 * piece.length), 2 * at);
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
