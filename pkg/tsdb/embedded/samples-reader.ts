import type { MetricStore, SeriesSamples } from "../port.ts";
import { intKind, readBlock, stringKind } from "./block.ts";
import { groupOf } from "./catalogue-file.ts";
import type { DayReader } from "./day-reader.ts";
import { type BlockDecoder, createBlockDecoder } from "./decoder.ts";
import { type Generation, type HeadArrays, readHead } from "./generation.ts";
import { type Horizon, keptFromMs } from "./horizon.ts";
import { type OpenBlock, packedOf } from "./open-block.ts";
import { findTime, isAscending, toOrder } from "./order.ts";
import { toNumbers } from "./seal.ts";
import { findKept, type Tombstones } from "./tombstones.ts";
import type { Words } from "./words.ts";

export interface SamplesReaderDeps {
  days: DayReader;
  /** What is not sealed yet, oldest first. */
  generations(): readonly Pick<Generation, keyof HeadArrays | "texts">[];
  kindCodes(): Uint8Array;
  /** Deletions that are not carried out in the files yet. */
  deletions: Pick<Tombstones, "of">;
  horizon(): Horizon;
}

/** Samples of one series as they were written, oldest first: later pieces overrule earlier ones. */
interface Pieces<V> {
  timeMs: Float64Array[];
  value: V[];
}

/** Numbers; `exact` where 64-bit integers beyond 2^53 are among them. */
interface Numbers {
  value: Float64Array;
  exact: BigInt64Array | undefined;
}

/** Reads what is sealed together with what is not. */
export function createSamplesReader(deps: SamplesReaderDeps): Pick<MetricStore, "read" | "readStrings"> {
  const decoder = createBlockDecoder();
  return {
    read: (ids, fromMs, toMs) => {
      const horizon = deps.horizon();
      const found = collectNumbers(deps, decoder, ids, Math.max(fromMs, firstMs(horizon)), toMs);
      return [...ids].map((id) => toSamples(id, found.get(id), Math.max(fromMs, keptFromMs(horizon, id)), toMs));
    },
    readStrings: (ids, fromMs, toMs) => {
      const horizon = deps.horizon();
      const found = collectTexts(deps, ids, Math.max(fromMs, firstMs(horizon)), toMs);
      return [...ids].map((id) => toTexts(id, found.get(id), Math.max(fromMs, keptFromMs(horizon, id)), toMs));
    },
  };
}

/** Nothing before is kept of any series. */
function firstMs({ fromMs }: Horizon): number {
  return fromMs[0] ?? Number.NEGATIVE_INFINITY;
}

function collectNumbers(
  deps: SamplesReaderDeps,
  decoder: BlockDecoder,
  ids: Uint32Array,
  fromMs: number,
  toMs: number,
): Map<number, Pieces<Numbers>> {
  const found = new Map<number, Pieces<Numbers>>();
  const kindCodes = deps.kindCodes();
  eachGroup(ids, (group, members) => {
    deps.days.eachBlock(group, fromMs, toMs, ({ block, written }) => {
      decoder.open(block);
      for (let i = 0; i < block.chunks; i++) {
        const id = members.get(block.member[i] ?? 0);
        if (id === undefined || block.kind[i] === stringKind) continue;
        const all = decoder.times(i).subarray(0, block.length[i]);
        const [from, to] = [findTime(all, fromMs), findTime(all, toMs, true)];
        if (from === to) continue;
        const timeMs = all.slice(from, to);
        const numbers = readNumbers(decoder, block, i, from, to);
        const kept = findKept(timeMs, deps.deletions.of(id, written));
        if (kept) addPiece(found, id, pick(timeMs, kept), pickNumbers(numbers, kept));
        else addPiece(found, id, timeMs, numbers);
      }
    });
  });
  for (const heads of deps.generations()) {
    for (const id of ids) {
      if ((heads.count[id] ?? 0) === 0) continue;
      const { timeMs, words } = readHead(heads, id);
      const numbers = withExact(toNumbers(words, kindCodes[id]), kindCodes[id], 0, () => words);
      addPiece(found, id, timeMs, numbers);
    }
  }
  return found;
}

function pick(numbers: Float64Array, places: readonly number[]): Float64Array {
  return Float64Array.from(places, (place) => numbers[place] ?? 0);
}

function pickNumbers({ value, exact }: Numbers, places: readonly number[]): Numbers {
  return { value: pick(value, places), exact: exact && BigInt64Array.from(places, (place) => exact[place] ?? 0n) };
}

/** Numbers `from` to `to` (left out) of a chunk, copied out. */
function readNumbers(decoder: BlockDecoder, block: OpenBlock, chunk: number, from: number, to: number): Numbers {
  const value = decoder.numbers(chunk).slice(from, to);
  const { unit } = decoder;
  // Hot: the index is below the length.
  if (unit !== 1) for (let i = 0; i < value.length; i++) value[i] = (value[i] as number) / unit;
  return withExact(value, block.kind[chunk], from, () => {
    let words: Words | undefined;
    const member = block.member[chunk];
    readBlock(
      packedOf(block),
      (other) => other === member,
      (found) => {
        words = found.words;
      },
    );
    return words;
  });
}

/** Adds the integers themselves when floats do not hold them all: the words from index `from` on. */
function withExact(
  value: Float64Array,
  kind: number | undefined,
  from: number,
  readWords: () => Words | undefined,
): Numbers {
  const needsMore = kind === intKind && value.some((number) => Math.abs(number) >= 2 ** 53);
  const bits = needsMore ? readWords()?.bits.subarray(2 * from) : undefined;
  return { value, exact: bits && new BigInt64Array(bits.buffer, bits.byteOffset, value.length) };
}

function collectTexts(deps: SamplesReaderDeps, ids: Uint32Array, fromMs: number, toMs: number) {
  const found = new Map<number, Pieces<readonly string[]>>();
  eachGroup(ids, (group, members) => {
    deps.days.eachBlock(group, fromMs, toMs, ({ block, written }) => {
      const isWanted = (member: number) => members.has(member);
      readBlock(packedOf(block), isWanted, ({ member, timeMs, texts }) => {
        if (!texts) return;
        const id = members.get(member) ?? 0;
        const kept = findKept(timeMs, deps.deletions.of(id, written)) ?? [...texts.keys()];
        const keptTexts = kept.map((place) => texts[place] ?? "");
        addPiece(found, id, pick(timeMs, kept), keptTexts);
      });
    });
  });
  for (const heads of deps.generations()) {
    for (const id of ids) {
      const head = heads.texts.get(id);
      if (head) addPiece(found, id, Float64Array.from(head.timeMs), head.value);
    }
  }
  return found;
}

/** Series of one group are in the same blocks: read these once. */
function eachGroup(ids: Uint32Array, visit: (group: number, members: ReadonlyMap<number, number>) => void): void {
  const groups = new Map<number, Map<number, number>>();
  for (const id of ids) {
    const { group, member } = groupOf(id);
    const members = groups.get(group) ?? new Map<number, number>();
    groups.set(group, members.set(member, id));
  }
  for (const [group, members] of groups) visit(group, members);
}

function addPiece<V>(found: Map<number, Pieces<V>>, id: number, timeMs: Float64Array, value: V): void {
  const pieces = found.get(id) ?? { timeMs: [], value: [] };
  found.set(id, pieces);
  pieces.timeMs.push(timeMs);
  pieces.value.push(value);
}

function toSamples(id: number, pieces: Pieces<Numbers> | undefined, fromMs: number, toMs: number): SeriesSamples {
  const timeMs = joined(pieces?.timeMs ?? []);
  const value = joined((pieces?.value ?? []).map((numbers) => numbers.value));
  const order = isAscending(timeMs) ? undefined : toOrder(timeMs);
  const time = order ? Float64Array.from(order, (i) => timeMs[i] ?? 0) : timeMs;
  const [from, to] = [findTime(time, fromMs), findTime(time, toMs, true)];
  const values = order ? Float64Array.from(order, (i) => value[i] ?? 0) : value;
  const samples = { id, timeMs: partOf(time, from, to), value: partOf(values, from, to) };
  if (!pieces?.value.some(({ exact }) => exact)) return samples;
  const whole = joinedExact(pieces.value);
  const exact = (order ? BigInt64Array.from(order, (i) => whole[i] ?? 0n) : whole).slice(from, to);
  return samples.value.some((number) => Math.abs(number) >= 2 ** 53) ? { ...samples, exact } : samples;
}

/** Elements `from` to `to` (left out), without the memory of the others. */
function partOf(all: Float64Array, from: number, to: number): Float64Array {
  return from === 0 && to === all.length ? all : all.slice(from, to);
}

function joinedExact(pieces: readonly Numbers[]): BigInt64Array {
  const all: bigint[] = [];
  for (const { value, exact } of pieces)
    for (let i = 0; i < value.length; i++) all.push(exact?.[i] ?? BigInt(value[i] ?? 0));
  return BigInt64Array.from(all);
}

function toTexts(id: number, pieces: Pieces<readonly string[]> | undefined, fromMs: number, toMs: number) {
  const [timeMs, value] = [joined(pieces?.timeMs ?? []), (pieces?.value ?? []).flat()];
  const order = toOrder(timeMs);
  const time = Float64Array.from(order, (i) => timeMs[i] ?? 0);
  const [from, to] = [findTime(time, fromMs), findTime(time, toMs, true)];
  return { id, timeMs: time.slice(from, to), value: Array.from(order.subarray(from, to), (i) => value[i] ?? "") };
}

function joined(pieces: readonly Float64Array[]): Float64Array {
  const [only] = pieces;
  if (only && pieces.length === 1) return only;
  const all = new Float64Array(pieces.reduce((total, piece) => total + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    all.set(piece, at);
    at += piece.length;
  }
  return all;
}
