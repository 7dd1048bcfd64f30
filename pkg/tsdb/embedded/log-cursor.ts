import { open } from "node:fs/promises";
import type { LogPosition } from "#pkg/contracts/samples.ts";
import type { LogCursor, LoggedBatch } from "../port.ts";
import { unpackBatch } from "./record.ts";
import { isGone } from "./replay.ts";
import { frameBytes, headerBytes, readRecord, type Segment } from "./segment.ts";

/** What a cursor looks at. Segments grow only by what is on disk. */
export interface CursorSource {
  segments: readonly Segment[];
}

/** Where the next record stands. */
interface Place {
  path: string;
  offset: number;
}

/** A cursor behind `after`. It reads pieces of the files without keeping any open, so that old files can go. */
export function createLogCursor(source: CursorSource, after: LogPosition): LogCursor {
  let position = after;
  let place: Place | undefined;

  const segmentAhead = () => source.segments.find((segment) => segment.last > position);
  const settle = (segment: Segment): Place => {
    if (place?.path === segment.path) return place;
    // Numbers between two segments can only be missing where a segment was damaged: that was told at the start.
    if (position < segment.first - 1 && place === undefined) throw isGone(position, segment.first);
    place = { path: segment.path, offset: headerBytes };
    return place;
  };
  return {
    get position() {
      return position;
    },
    async read(maxBytes) {
      for (;;) {
        const segment = segmentAhead();
        if (!segment) return [];
        const at = settle(segment);
        const { batches, readBytes } = await readPiece(segment, at.offset, maxBytes, position);
        at.offset += readBytes;
        const last = batches.at(-1)?.position;
        if (last !== undefined) position = last;
        // What cannot be read is not there for anybody: go on behind it.
        else if (readBytes === 0) position = segment.last;
        if (batches.length > 0) return batches;
      }
    },
    waitingBytes() {
      let total = 0;
      for (const segment of source.segments) {
        if (segment.last <= position) continue;
        total += segment.sizeBytes - (place?.path === segment.path ? place.offset : 0);
      }
      return total;
    },
  };
}

async function readPiece(
  segment: Segment,
  offset: number,
  maxBytes: number,
  after: LogPosition,
): Promise<{ batches: LoggedBatch[]; readBytes: number }> {
  const bytes = await readBytesOf(segment, offset, maxBytes);
  const batches: LoggedBatch[] = [];
  let at = 0;
  for (;;) {
    const record = readRecord(bytes, at);
    if (typeof record === "string") return { batches, readBytes: at };
    at += frameBytes + record.body.length;
    if (record.kind !== "batch" || record.position <= after || record.position > segment.last) continue;
    batches.push({ position: record.position, batch: unpackBatch(record.body) });
  }
}

/** Up to `maxBytes`, and at least one whole record, be it as long as it is. */
async function readBytesOf({ path, sizeBytes }: Segment, offset: number, maxBytes: number): Promise<Buffer> {
  const file = await open(path);
  try {
    const read = async (length: number) => {
      const bytes = Buffer.alloc(Math.max(0, Math.min(length, sizeBytes - offset)));
      const { bytesRead } = await file.read(bytes, 0, bytes.length, offset);
      return bytes.subarray(0, bytesRead);
    };
    const bytes = await read(Math.max(maxBytes, frameBytes));
    const needed = bytes.length < frameBytes ? 0 : frameBytes + bytes.readUInt32LE(0);
    return needed > bytes.length && offset + needed <= sizeBytes ? await read(needed) : bytes;
  } finally {
    await file.close();
  }
}
