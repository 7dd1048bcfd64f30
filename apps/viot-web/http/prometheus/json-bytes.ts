import { mostNumberBytes, putBytes, putNumber, putText } from "./ascii.ts";

/** JSON on its way out, as bytes: an answer of thousands of series is not worth an object for each. */
export interface JsonBytes {
  /** Text as it stands, ASCII only. */
  ascii(text: string): void;
  /** Bytes `from` to `to` (left out) of `source`. */
  copy(source: Buffer, from: number, to: number): void;
  /** A number as Prometheus prints it, without quotes. */
  number(value: number): void;
  /** Lets `write` write up to `most` bytes from a place on; it returns the place behind them. */
  fill(most: number, write: (into: Buffer, at: number) => number): void;
  readonly length: number;
  /** What was written; good until the next write. */
  bytes(): Buffer;
}

const smallCopy = 40;

/** Begins with room for `sizeHint` bytes, taken where `take` says. */
export function createJsonBytes(sizeHint = 4096, take = Buffer.allocUnsafe): JsonBytes {
  let bytes = take(Math.max(sizeHint, 64));
  let length = 0;
  const room = (more: number) => {
    if (length + more > bytes.length) bytes = Buffer.concat([bytes], Math.max(bytes.length * 2, length + more));
  };
  return {
    ascii(text) {
      room(text.length);
      length = putText(bytes, length, text);
    },
    copy(source, from, to) {
      room(to - from);
      if (to - from <= smallCopy) length = putBytes(bytes, length, source, from, to);
      else length += source.copy(bytes, length, from, to);
    },
    number(value) {
      room(mostNumberBytes);
      length = putNumber(bytes, length, value);
    },
    fill(most, write) {
      room(most);
      length = write(bytes, length);
    },
    get length() {
      return length;
    },
    bytes: () => bytes.subarray(0, length),
  };
}
