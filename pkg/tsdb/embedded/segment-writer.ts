import { unlink } from "node:fs/promises";
import type { LogPosition } from "#pkg/contracts/samples.ts";
import type { Disk, LogFile } from "./disk.ts";
import { headerBytes, packHeader, type Segment, segmentPath } from "./segment.ts";

export interface SegmentWriterDeps {
  folder: string;
  disk: Disk;
  /** What earlier starts left, oldest first; they are read and removed, never written again. */
  segments: readonly Segment[];
  /** A segment that has grown to this is closed. */
  segmentBytes: number;
}

/** Writes records into the newest segment and begins another in time. */
export interface SegmentWriter {
  /** Writes and syncs `count` batches that follow `after`. On rejection none of them is in the log. */
  write(pieces: readonly Uint8Array[], after: LogPosition, count: number): Promise<void>;
  /** Lets the next write begin a new segment, so that what is there can go one day. */
  rotate(): void;
  /** Whether `removeThrough` would remove anything. */
  hasRemovable(position: LogPosition): boolean;
  /** Removes closed segments that hold nothing after this position. */
  removeThrough(position: LogPosition): Promise<void>;
  readonly segments: readonly Segment[];
  close(): Promise<void>;
}

export function createSegmentWriter(deps: SegmentWriterDeps): SegmentWriter {
  const segments: Segment[] = [...deps.segments];
  let current: { file: LogFile; segment: Segment } | undefined;
  let isFinished = false;

  const removable = (position: LogPosition) =>
    segments.filter((segment) => segment !== current?.segment && segment.last <= position);
  const close = async () => {
    const open = current;
    current = undefined;
    isFinished = false;
    await open?.file.close();
  };
  const begin = async (after: LogPosition) => {
    const segment = {
      path: segmentPath(deps.folder, after + 1),
      first: after + 1,
      last: after,
      sizeBytes: headerBytes,
    };
    const file = await deps.disk.create(segment.path);
    // A segment of this name can only be one whose first write failed.
    const known = segments.findIndex((other) => other.path === segment.path);
    segments.splice(known < 0 ? segments.length : known, known < 0 ? 0 : 1, segment);
    current = { file, segment };
    await file.write([packHeader(segment.first)], 0);
    return current;
  };
  return {
    segments,
    close,
    rotate() {
      isFinished = current !== undefined && current.segment.last >= current.segment.first;
    },
    async write(pieces, after, count) {
      try {
        if (isFinished || (current && current.segment.sizeBytes >= deps.segmentBytes)) await close();
        const { file, segment } = current ?? (await begin(after));
        await file.write(pieces, segment.sizeBytes);
        await file.sync();
        segment.sizeBytes += pieces.reduce((total, piece) => total + piece.length, 0);
        segment.last = after + count;
      } catch (error) {
        const broken = current;
        current = undefined;
        if (broken) await cutBack(broken.file, broken.segment.sizeBytes);
        throw error;
      }
    },
    hasRemovable: (position) => removable(position).length > 0,
    async removeThrough(position) {
      for (const segment of removable(position)) {
        await unlink(segment.path);
        segments.splice(segments.indexOf(segment), 1);
      }
    },
  };
}

/**
 * After a failed write or sync nobody knows what the file holds, so writing goes on in another. That this one cannot be
 * cut back either is no loss: reading stops where the next segment's positions begin.
 */
async function cutBack(file: LogFile, sizeBytes: number): Promise<void> {
  await file.truncate(sizeBytes).catch(() => undefined);
  await file.sync().catch(() => undefined);
  await file.close().catch(() => undefined);
}
