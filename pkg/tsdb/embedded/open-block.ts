// Hot: every block that is read passes here. Indexes stay below the lengths checked beside them, hence `as number`.
import { crc32 } from "node:zlib";
import { blockVersion, mostSamples, sameTimes } from "./block.ts";

/**
 * A packed block in memory, its checksum found right and its directory read, so that any chunk can be read without the
 * others. Never changes: may be kept and read by many.
 */
export interface OpenBlock {
  /** The packed block, and a few zeros behind it: reading goes in words and may look beyond the end. */
  bytes: Uint8Array;
  view: DataView;
  /** Without those zeros. */
  sizeBytes: number;
  chunks: number;
  /** Place in the group, kind number and samples of each chunk. */
  member: Int32Array;
  kind: Int32Array;
  length: Int32Array;
  /** Byte where each chunk begins, and the chunk whose times it has. */
  start: Int32Array;
  timesAt: Int32Array;
}

const directoryAt = 5;
const spareBytes = 16;
const figuresOfChunk = 5;

/** Opens a packed block. Throws `RangeError` when it is damaged; `isChecked` says that its checksum was right before. */
export function openBlock(packed: Uint8Array, isChecked = false): OpenBlock {
  if (packed.length <= directoryAt) throw new RangeError("it is too short");
  const bytes = new Uint8Array(packed.length + spareBytes);
  bytes.set(packed);
  const view = new DataView(bytes.buffer);
  if (!isChecked && crc32(packed.subarray(4)) !== view.getUint32(0, true)) {
    throw new RangeError("its checksum is wrong");
  }
  if (bytes[4] !== blockVersion) throw new RangeError("it has an unknown version");
  return { bytes, view, sizeBytes: packed.length, ...readDirectory(bytes, packed.length) };
}

/** The block as it was packed. */
export function packedOf({ bytes, sizeBytes }: OpenBlock): Uint8Array {
  return bytes.subarray(0, sizeBytes);
}

/** Memory that an open block holds. */
export function memoryOf({ bytes, chunks }: OpenBlock): number {
  return bytes.length + chunks * figuresOfChunk * 4;
}

type Directory = Pick<OpenBlock, "chunks" | "member" | "kind" | "length" | "start" | "timesAt">;

function readDirectory(bytes: Uint8Array, size: number): Directory {
  let at = directoryAt;
  /** As `ByteReader.varint`, without a reader for each block. */
  const varint = () => {
    let [value, unit] = [0, 1];
    for (; at < size; unit *= 128) {
      const next = bytes[at++] as number;
      value += (next & 127) * unit;
      if (next < 128) return value;
    }
    throw new RangeError("its directory ends too early");
  };
  const chunks = varint();
  if (chunks > size) throw new RangeError("its directory is longer than the block");
  const directory = createDirectory(chunks);
  let offset = 0;
  for (let i = 0; i < chunks; i++) {
    directory.member[i] = varint();
    directory.kind[i] = varint();
    const samples = varint();
    if (samples > mostSamples) throw new RangeError("a chunk has too many samples");
    directory.length[i] = samples;
    directory.start[i] = offset;
    offset += varint();
    if (offset > size) throw new RangeError("a chunk ends too early");
  }
  findTimes(bytes, directory, at);
  return directory;
}

function createDirectory(chunks: number): Directory {
  const all = new Int32Array(chunks * figuresOfChunk);
  const take = (figure: number) => all.subarray(figure * chunks, (figure + 1) * chunks);
  return { chunks, member: take(0), kind: take(1), length: take(2), start: take(3), timesAt: take(4) };
}

/** Chunks begin at byte `from`; of each, whose times it has. */
function findTimes(bytes: Uint8Array, { chunks, length, start, timesAt }: Directory, from: number): void {
  let owner = 0;
  for (let i = 0; i < chunks; i++) {
    const at = (start[i] as number) + from;
    if (bytes[at] !== sameTimes) owner = i;
    else if (i === 0 || length[i] !== length[owner]) throw new RangeError("a chunk shares times that are not there");
    start[i] = at;
    timesAt[i] = owner;
  }
}
