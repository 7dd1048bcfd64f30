import type { LogPosition, SampleBatch } from "#pkg/contracts/samples.ts";
import { AppError } from "#pkg/errors/errors.ts";
import { createSharedBatchRoom } from "./batch-room.ts";
import { unpackBatch } from "./record.ts";
import { readSegment, type Segment } from "./segment.ts";

/**
 * Hands over the batches with `after` < position <= `upTo`. Throws `AppError("not_found")` when the log begins later:
 * then samples were released that this judge never saw.
 */
export async function replayLog(
  segments: readonly Segment[],
  range: { after: LogPosition; upTo: LogPosition },
  visit: (batch: SampleBatch, position: LogPosition) => Promise<void> | void,
): Promise<void> {
  const needed = segments.filter((segment) => segment.last > range.after && segment.first <= range.upTo);
  const first = needed[0]?.first ?? range.upTo + 1;
  if (range.after < range.upTo && first > range.after + 1) throw isGone(range.after, first);
  const room = createSharedBatchRoom();
  let position = range.after;
  for (const { path, last } of needed.map((segment) => ({ ...segment }))) {
    for (const record of readSegment(path).records) {
      if (record.position > Math.min(last, range.upTo)) break;
      if (record.kind !== "batch" || record.position <= position) continue;
      position = record.position;
      await visit(unpackBatch(record.body, room), position);
    }
  }
}

/** What a reader is told whose place in the log is no longer there. */
export function isGone(after: LogPosition, first: LogPosition): AppError {
  return new AppError("not_found", {
    at: `log position ${after + 1}`,
    message: `the log begins at position ${first}; what is older was released`,
    mend: `go on from ${first - 1}`,
  });
}
