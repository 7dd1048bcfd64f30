import { byteAt, endsValue, newline } from "./bytes.ts";
import type { RejectedLine } from "./port.ts";
import type { Scan } from "./scan.ts";

/** So many refused lines are listed; the rest is counted. */
const maxListed = 100;
const maxExcerptBytes = 40;

/** The refused lines of one body, part by part. */
export interface Rejections {
  /** Notes the line at `start`, refused for what `scan` says. */
  add(scan: Scan, start: number): void;
  /** What was noted since the last time. */
  take(): { rejected: RejectedLine[]; rejectedCount: number };
}

/** Text lines are counted only when one is refused, and none twice. */
export function createRejections(body: Uint8Array): Rejections {
  let rejected: RejectedLine[] = [];
  let rejectedCount = 0;
  let countedTo = 0;
  let line = 1;
  return {
    add(scan, start) {
      rejectedCount++;
      if (rejected.length === maxListed) return;
      for (; countedTo < start; countedTo++) if (body[countedTo] === newline) line++;
      rejected.push({ line, detail: detailOf(scan) });
    },
    take() {
      const taken = { rejected, rejectedCount };
      rejected = [];
      rejectedCount = 0;
      return taken;
    },
  };
}

/** The reason with what stands at the place, so that one can find it. */
function detailOf({ body, refusal, refusedAt }: Scan): string {
  if (refusedAt < 0) return refusal;
  let end = refusedAt;
  while (end - refusedAt < maxExcerptBytes && !endsValue(byteAt(body, end))) end++;
  if (end === refusedAt) return refusal;
  return `${refusal}: ${JSON.stringify(Buffer.from(body.slice(refusedAt, end)).toString("utf8"))}`;
}
