import { readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { crc32 } from "node:zlib";

/** A file of the log. Records of positions from `first` to `last`; `last` is below `first` while it holds none. */
export interface Segment {
  path: string;
  first: number;
  last: number;
  sizeBytes: number;
}

/** What stands in the log. */
export type RecordKind = "batch" | "series";

const magic = Buffer.from("DVLOG001", "latin1");
export const headerBytes = 16;
export const frameBytes = 17;
const kindCodes: Record<RecordKind, number> = { batch: 1, series: 2 };

/** File name by first position, so that names sort as the log goes. */
export function segmentPath(folder: string, first: number): string {
  return join(folder, `${String(first).padStart(16, "0")}.log`);
}

/** Paths and first positions of the segments in a folder, oldest first. */
export function listSegments(folder: string): { path: string; first: number }[] {
  return readdirSync(folder)
    .filter((name) => /^\d{16}\.log$/.test(name))
    .sort()
    .map((name) => ({ path: join(folder, name), first: firstOf(name) }));
}

function firstOf(path: string): number {
  return Number(basename(path).slice(0, 16));
}

/** The first bytes of a segment: its format, and the position of its first batch. */
export function packHeader(first: number): Uint8Array {
  const header = Buffer.alloc(headerBytes);
  header.set(magic);
  header.writeDoubleLE(first, 8);
  return header;
}

/** Frame in front of a record: length and CRC-32 of what follows, kind, position. The CRC covers all but itself. */
export function packFrame(kind: RecordKind, position: number, pieces: readonly Uint8Array[]): Uint8Array {
  const frame = Buffer.alloc(frameBytes);
  frame.writeUInt32LE(
    pieces.reduce((total, piece) => total + piece.length, 0),
    0,
  );
  frame.writeUInt8(kindCodes[kind], 8);
  frame.writeDoubleLE(position, 9);
  let crc = checksumOfFrame(frame);
  for (const piece of pieces) crc = crc32(piece, crc);
  frame.writeUInt32LE(crc, 4);
  return frame;
}

function checksumOfFrame(frame: Uint8Array): number {
  return crc32(frame.subarray(8, frameBytes), crc32(frame.subarray(0, 4)));
}

export interface LogRecord {
  kind: RecordKind;
  position: number;
  body: Uint8Array;
}

/** How a segment ends: where the good bytes end, and, when bytes follow, whether they are a torn write or damage. */
export interface SegmentEnd {
  goodBytes: number;
  sizeBytes: number;
  trouble: "torn" | "damaged" | undefined;
}

/** Reads one segment as far as it is good; `end` says how it ended once the records are read. */
export function readSegment(path: string): { records: Iterable<LogRecord>; end: SegmentEnd } {
  return readRecords(readFileSync(path), firstOf(path));
}

/** The same for the bytes of a segment whose first batch has the number `first`. */
export function readRecords(bytes: Buffer, first: number): { records: Iterable<LogRecord>; end: SegmentEnd } {
  const end: SegmentEnd = { goodBytes: 0, sizeBytes: bytes.length, trouble: undefined };
  return { records: records(bytes, end, first), end };
}

function* records(bytes: Buffer, end: SegmentEnd, first: number): Generator<LogRecord> {
  if (bytes.length < headerBytes || !bytes.subarray(0, 8).equals(magic)) {
    // A full disk or a power cut may leave room for a header and no header.
    end.trouble = bytes.length < headerBytes || bytes.every((byte) => byte === 0) ? "torn" : "damaged";
    return;
  }
  end.goodBytes = headerBytes;
  let last = first - 1;
  while (end.goodBytes < bytes.length) {
    const record = readRecord(bytes, end.goodBytes);
    if (typeof record === "string" || !follows(record, last)) {
      end.trouble = typeof record === "string" ? record : "damaged";
      return;
    }
    last = record.position;
    end.goodBytes += frameBytes + record.body.length;
    yield record;
  }
}

/** Batches of a segment are numbered without a gap; series stand behind the batch that was there before them. */
function follows({ kind, position }: LogRecord, last: number): boolean {
  return position === (kind === "batch" ? last + 1 : last);
}

/** The record that begins at `at`, or why there is none. */
export function readRecord(bytes: Buffer, at: number): LogRecord | "torn" | "damaged" {
  if (at + frameBytes > bytes.length) return "torn";
  const length = bytes.readUInt32LE(at);
  if (at + frameBytes + length > bytes.length) return "torn";
  const body = bytes.subarray(at + frameBytes, at + frameBytes + length);
  const crc = crc32(body, checksumOfFrame(bytes.subarray(at, at + frameBytes)));
  const code = bytes[at + 8];
  if (crc !== bytes.readUInt32LE(at + 4) || (code !== kindCodes.batch && code !== kindCodes.series)) {
    // Zeros are what a power cut leaves of a write that never arrived.
    return bytes.subarray(at).every((byte) => byte === 0) || at + frameBytes + length === bytes.length
      ? "torn"
      : "damaged";
  }
  return { kind: code === kindCodes.batch ? "batch" : "series", position: bytes.readDoubleLE(at + 9), body };
}
