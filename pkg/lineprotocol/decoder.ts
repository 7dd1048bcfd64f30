import { byteAt, carriageReturn, hash, newline } from "./bytes.ts";
import { createColumnPool } from "./columns.ts";
import { Layout } from "./layout.ts";
import { readLine } from "./line.ts";
import { findLineEnd, findNewline } from "./line-end.ts";
import type { Decoder, Intern } from "./port.ts";
import { createRejections, type Rejections } from "./rejections.ts";
import { createScan, type Scan, startPart } from "./scan.ts";
import { skipSpaces } from "./time.ts";

export interface DecoderDeps {
  intern: Intern;
  /** Asked once per body, for the lines without a time. */
  nowMs: () => number;
  /** Series keys and fields that are remembered, together; a part that finds so many begins with none. 1 Mi when left out. */
  maxNames?: number;
}

export function createDecoder({ intern, nowMs, maxNames = 1 << 20 }: DecoderDeps): Decoder {
  let layout = new Layout();
  let floatsPerByte = 1 / 20;
  const pool = createColumnPool();
  return {
    giveBack: pool.give,
    *parts(body, options) {
      const scan = createScan(body, options, { intern, nowMs: nowMs(), layout });
      const rejections = createRejections(scan.body);
      const partBytes = options.partBytes ?? Number.POSITIVE_INFINITY;
      let pos = 0;
      do {
        const until = Math.min(scan.body.length, pos + partBytes);
        if (layout.isFull(maxNames)) layout = new Layout();
        startPart(scan, layout, pool.take(Math.ceil((until - pos) * floatsPerByte) + 16));
        const part = readLines(scan, pos, until, rejections);
        if (part.accepted > 0) floatsPerByte = (1.1 * scan.batch.floats.length) / (part.end - pos);
        pos = part.end;
        yield { batch: scan.batch, accepted: part.accepted, ...rejections.take() };
      } while (pos < scan.body.length);
    },
  };
}

/** Reads lines from `start` on until one ends at `until` or behind it. */
function readLines(
  scan: Scan,
  start: number,
  until: number,
  rejections: Rejections,
): { accepted: number; end: number } {
  const { body } = scan;
  let pos = start;
  let accepted = 0;
  while (pos < until) {
    const first = skipSpaces(body, pos);
    if (isBlank(body, first)) {
      pos = first + (byteAt(body, first) === carriageReturn ? 2 : 1);
    } else if (byteAt(body, first) === hash) {
      pos = findNewline(body, first) + 1;
    } else {
      let end = readLine(scan, first);
      if (end >= 0) {
        accepted++;
      } else {
        rejections.add(scan, first);
        end = findLineEnd(body, first);
      }
      pos = end + 1;
    }
  }
  return { accepted, end: Math.min(pos, body.length) };
}

function isBlank(body: Uint8Array, pos: number): boolean {
  const byte = byteAt(body, pos);
  return byte === newline || (byte === carriageReturn && byteAt(body, pos + 1) === newline);
}
