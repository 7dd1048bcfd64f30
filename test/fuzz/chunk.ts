import { crc32 } from "node:zlib";
import { type Chunk, createBlockBuilder, readBlock } from "#pkg/tsdb/embedded/block.ts";
import { type BlockDecoder, createBlockDecoder } from "#pkg/tsdb/embedded/decoder.ts";
import { openBlock } from "#pkg/tsdb/embedded/open-block.ts";
import { toNumbers } from "#pkg/tsdb/embedded/seal.ts";
import { createWords, type Words } from "#pkg/tsdb/embedded/words.ts";
import type { Random } from "../fixtures/random.ts";
import { type FuzzTarget, WrongAnswer } from "./target.ts";

const [floatKind, intKind, boolKind, stringKind] = [0, 1, 2, 3];
const damagesPerCase = 9;

/** Blocks of chunks: what is written comes back bit by bit; what is damaged is refused, also under a checksum that fits. */
export function createChunkTarget(): FuzzTarget {
  const decoder = createBlockDecoder();
  return {
    name: "chunk",
    inputsPerCase: 1 + damagesPerCase,
    run(random) {
      const chunks = randomChunks(random);
      const builder = createBlockBuilder();
      for (const chunk of chunks) builder.add(chunk);
      const packed = builder.take();
      checkSame(chunks, packed);
      checkNumbers(chunks, packed, decoder);
      for (let i = 0; i < damagesPerCase; i++) checkDamaged(packed, decoder, random);
    },
  };
}

function checkSame(chunks: readonly Chunk[], packed: Uint8Array): void {
  const read: Chunk[] = [];
  readBlock(
    packed,
    () => true,
    (chunk) => read.push({ ...chunk }),
  );
  if (read.length !== chunks.length) throw new WrongAnswer(`${read.length} chunks come back of ${chunks.length}`);
  chunks.forEach((chunk, i) => {
    const [wants, has] = [toText(chunk), toText(read[i] ?? chunk)];
    if (wants !== has) throw new WrongAnswer(`chunk ${i}\n  reads ${has}\n  wants ${wants}`);
  });
}

function toText({ member, kind, timeMs, words, texts }: Chunk): string {
  return JSON.stringify([member, kind, [...timeMs], words && [...words.bits], texts]);
}

/** The decoder for sums sees the same times and numbers. */
function checkNumbers(chunks: readonly Chunk[], packed: Uint8Array, decoder: BlockDecoder): void {
  decoder.open(openBlock(packed));
  chunks.forEach(({ timeMs, words, kind }, i) => {
    const times = decoder.times(i).subarray(0, timeMs.length);
    const numbers = decoder.numbers(i).subarray(0, timeMs.length);
    const wanted = words ? toNumbers(words, kind) : new Float64Array(timeMs.length).fill(Number.NaN);
    const at = wanted.findIndex(
      (value, k) => times[k] !== timeMs[k] || !Object.is((numbers[k] ?? 0) / decoder.unit, value),
    );
    if (at < 0) return;
    throw new WrongAnswer(
      `chunk ${i}, sample ${at} sums up ${(numbers[at] ?? 0) / decoder.unit} at ${times[at]}, wants ${wanted[at]} at ${timeMs[at]}`,
    );
  });
}

/** Bytes that were never written so: `RangeError`, or another reading of them, in bounded time and memory. */
function checkDamaged(packed: Uint8Array, decoder: BlockDecoder, random: Random): void {
  const broken = damage(packed, random);
  const isSealed = random.chance(0.7) && broken.length > 4;
  if (isSealed) Buffer.from(broken.buffer, broken.byteOffset).writeUInt32LE(crc32(broken.subarray(4)), 0);
  const isSame = broken.length === packed.length && broken.every((byte, i) => byte === packed[i]);
  const readings = [
    () =>
      readBlock(
        broken,
        () => true,
        () => undefined,
      ),
    () => sumUp(broken, decoder),
  ];
  for (const read of readings)
    if (isRead(read) && !isSealed && !isSame) throw new WrongAnswer("a damaged block was not refused");
}

function sumUp(packed: Uint8Array, decoder: BlockDecoder): void {
  const block = openBlock(packed);
  decoder.open(block);
  for (let i = 0; i < block.chunks; i++) {
    decoder.times(i);
    decoder.numbers(i);
  }
}

function isRead(read: () => void): boolean {
  try {
    read();
    return true;
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}

function damage(packed: Uint8Array, random: Random): Uint8Array {
  if (random.chance(0.2)) return Uint8Array.from(packed.subarray(0, random.int(0, packed.length - 1)));
  const bytes = [...packed];
  for (let left = random.int(1, 3); left > 0; left--) {
    // Lengths and kinds stand in front.
    const at = random.chance(0.5) ? random.int(0, Math.min(30, bytes.length - 1)) : random.int(0, bytes.length - 1);
    const dice = random.next();
    if (dice < 0.5) bytes[at] = (bytes[at] ?? 0) ^ (1 << random.int(0, 7));
    else if (dice < 0.75) bytes[at] = random.pick([0, 1, 127, 128, 255]);
    else bytes.splice(at, random.int(0, 3), ...longNumber(random));
  }
  return Uint8Array.from(bytes);
}

/** Bytes that make a length hostile. */
function longNumber(random: Random): number[] {
  return Array.from({ length: random.int(0, 7) }, () => random.pick([255, 255, 127, 0, 1]));
}

function randomChunks(random: Random): Chunk[] {
  let times = randomTimes(random);
  return Array.from({ length: random.int(1, 4) }, () => {
    if (random.chance(0.4)) times = randomTimes(random);
    const kind = random.pick([floatKind, floatKind, intKind, boolKind, stringKind]) ?? floatKind;
    const chunk = { member: random.int(0, 127), kind, timeMs: times };
    if (kind === stringKind)
      return { ...chunk, texts: Array.from(times, () => random.pick(["", "a", "溫度", "\0", "🔥 on", "b"])) };
    return { ...chunk, words: randomWords(kind, times.length, random) };
  });
}

function randomTimes(random: Random): Float64Array {
  const length = random.chance(0.1) ? random.int(41, 400) : random.int(1, 40);
  const isWhole = random.chance(0.9);
  const pace = random.pick([1, 1000, 10_000, 86_400]);
  const jitter = random.pick([0, 0, 1, 20_000]);
  let at = random.pick([0, 1.7e12, -62e12, 1.7e12 + 1]);
  return Float64Array.from({ length }, () => {
    at += pace + random.int(0, jitter);
    return isWhole ? at : at + random.next();
  });
}

function randomWords(kind: number, length: number, random: Random): Words {
  const words = createWords(length);
  const integers = new BigInt64Array(words.value.buffer);
  const shape = random.int(0, 6);
  const scale = 10 ** random.int(0, 10);
  let wander = random.int(-1000, 1000);
  for (let i = 0; i < length; i++) {
    wander += random.int(-3, 5);
    if (kind === boolKind) words.value[i] = random.int(0, 1);
    else if (shape === 0)
      words.bits.set([random.int(-(2 ** 31), 2 ** 31 - 1), random.int(-(2 ** 31), 2 ** 31 - 1)], 2 * i);
    else if (kind === intKind) integers[i] = randomInteger(shape, wander, scale, random);
    else words.value[i] = randomFloat(shape, wander, scale, random);
  }
  return words;
}

function randomInteger(shape: number, wander: number, scale: number, random: Random): bigint {
  if (shape === 1) return 42n;
  if (shape === 2) return random.pick([2n ** 63n - 1n, -(2n ** 63n), 0n, 2n ** 50n, -(2n ** 50n), 2n ** 53n + 1n]);
  return BigInt(wander) * BigInt(shape === 3 ? scale : 1);
}

function randomFloat(shape: number, wander: number, scale: number, random: Random): number {
  if (shape === 1) return wander > 0 ? 1.5 : 1.5;
  if (shape === 2)
    return random.pick([0, -0, Number.NaN, Number.POSITIVE_INFINITY, 5e-324, Number.MAX_VALUE, 2 ** 53, 0.1, 1e22]);
  if (shape === 3) return wander / scale;
  if (shape === 4) return (random.next() - 0.5) * scale;
  return shape === 5 ? Math.abs(wander) * scale : wander / 10;
}
