import { crc32 } from "node:zlib";
import { createBitReader, createBitWriter } from "./bits.ts";
import { createByteReader, createByteWriter } from "./bytes.ts";
import { readTexts, writeTexts } from "./texts.ts";
import { readTimes, writeTimes } from "./times.ts";
import { createScratchRoom, readValues, type ScratchRoom, writeValues } from "./values.ts";
import { createWords, type Words } from "./words.ts";

/** Series ids of one block share `id >> groupShift`: neighbours come from one device and are read together. */
export const groupShift = 7;
export const groupSize = 1 << groupShift;

export const blockVersion = 1;
/** Most samples of one chunk; a directory that says more is damaged. */
export const mostSamples = 2 ** 24;
/** First byte of a chunk: its times are those of the chunk before. */
export const sameTimes = 0;
export const intKind = 1;
export const stringKind = 3;

/** One chunk of one series: its place in the group, kind number (see `kinds`) and samples, ascending in time. */
export interface Chunk {
  member: number;
  kind: number;
  timeMs: Float64Array;
  /** Of number kinds. */
  words?: Words;
  /** Of the string kind. */
  texts?: readonly string[];
}

/**
 * Collects chunks of one group and packs them: CRC-32 of the rest, version, directory of (member, kind, samples, bytes),
 * then the chunks. The fields of one line share their times: these are written once.
 */
export interface BlockBuilder {
  add(chunk: Chunk): void;
  readonly isEmpty: boolean;
  readonly fromMs: number;
  readonly toMs: number;
  /** The packed block; the builder is empty afterwards. */
  take(): Uint8Array;
}

/** An empty builder. Of many that are open at once, one for each day of a backfill, all take the same scratch. */
export function createBlockBuilder(scratchFor: ScratchRoom = createScratchRoom()): BlockBuilder {
  const body = createBitWriter();
  let directory = createByteWriter();
  let [chunks, fromMs, toMs] = [0, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  let [previous, previousLength] = [new Float64Array(0), 0];
  return {
    get isEmpty() {
      return chunks === 0;
    },
    get fromMs() {
      return fromMs;
    },
    get toMs() {
      return toMs;
    },
    add({ member, kind, timeMs, words, texts }) {
      const [start, length] = [body.length, timeMs.length];
      const scratch = scratchFor(length);
      if (length === previousLength && isEqual(timeMs, previous)) body.write(sameTimes, 8);
      else writeTimes(body, timeMs, length, scratch.first);
      if (words) writeValues(body, words, length, kind === intKind, scratch);
      else writeTexts(body, texts ?? []);
      if (length > previous.length) previous = new Float64Array(length * 2);
      previous.set(timeMs);
      previousLength = length;
      chunks++;
      fromMs = Math.min(fromMs, timeMs[0] ?? fromMs);
      toMs = Math.max(toMs, timeMs[length - 1] ?? toMs);
      for (const number of [member, kind, length, body.length - start]) directory.varint(number);
    },
    take() {
      const rest = createByteWriter();
      rest.byte(blockVersion);
      rest.varint(chunks);
      rest.raw(directory.take());
      rest.raw(body.slice(0));
      const packed = Buffer.concat([Buffer.alloc(4), rest.take()]);
      packed.writeUInt32LE(crc32(rest.take()), 0);
      body.cut(0);
      directory = createByteWriter();
      [chunks, fromMs, toMs] = [0, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
      previousLength = 0;
      return packed;
    },
  };
}

function isEqual(a: Float64Array, b: Float64Array): boolean {
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** Unpacks the chunks of the members that are wanted. Throws `RangeError` when the block is damaged. */
export function readBlock(
  packed: Uint8Array,
  isWanted: (member: number) => boolean,
  visit: (chunk: Chunk) => void,
): void {
  const reader = createByteReader(packed, 4);
  const expected = Buffer.from(packed.buffer, packed.byteOffset, packed.byteLength).readUInt32LE(0);
  if (crc32(packed.subarray(4)) !== expected) throw new RangeError("its checksum is wrong");
  if (reader.byte() !== blockVersion) throw new RangeError("it has an unknown version");
  const entries = readDirectory(reader, packed.length);
  const bits = createBitReader(packed);
  let [at, timesAt, timesLength, timesOf] = [reader.position, 0, -1, -1];
  let timeMs: Float64Array = new Float64Array(0);
  for (const { member, kind, length, sizeBytes } of entries) {
    const isOwn = packed[at] !== sameTimes;
    if (isOwn) [timesAt, timesLength] = [at, length];
    else if (length !== timesLength) throw new RangeError("a chunk shares times that are not there");
    if (isWanted(member)) {
      bits.position = timesAt;
      if (timesOf !== timesAt) [timeMs, timesOf] = [readTimes(bits, length), timesAt];
      else if (isOwn) readTimes(bits, length);
      if (!isOwn) bits.position = at + 1;
      visit(readChunk(bits, { member, kind, timeMs }, length));
    }
    at += sizeBytes;
  }
}

interface Entry {
  member: number;
  kind: number;
  /** Samples. */
  length: number;
  sizeBytes: number;
}

/** Checked, so that a damaged number makes no room for what cannot be there. */
function readDirectory(reader: ReturnType<typeof createByteReader>, blockBytes: number): Entry[] {
  const chunks = reader.varint();
  if (chunks > blockBytes) throw new RangeError("its directory is longer than the block");
  return Array.from({ length: chunks }, () => {
    const [member, kind, length, sizeBytes] = [reader.varint(), reader.varint(), reader.varint(), reader.varint()];
    if (length > mostSamples) throw new RangeError("a chunk has too many samples");
    return { member, kind, length, sizeBytes };
  });
}

function readChunk(bits: ReturnType<typeof createBitReader>, chunk: Chunk, length: number): Chunk {
  if (chunk.kind === stringKind) return { ...chunk, texts: readTexts(bits, length) };
  const words = createWords(length);
  readValues(bits, words, length, chunk.kind === intKind);
  return { ...chunk, words };
}
