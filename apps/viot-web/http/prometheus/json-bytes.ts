// Hot: every value of an answer passes here. Indexes stay below the lengths checked beside them, hence `as number`.
import { toText } from "./json.ts";

/** JSON on its way out, as bytes: an answer of thousands of series is not worth an object for each. */
export interface JsonBytes {
  /** Text as it stands, ASCII only. */
  ascii(text: string): void;
  /** Bytes `from` to `to` (left out) of `source`. */
  copy(source: Buffer, from: number, to: number): void;
  /** A number as Prometheus prints it, without quotes. */
  number(value: number): void;
  /** A time as seconds. */
  seconds(timeMs: number): void;
  readonly length: number;
  /** What was written; good until the next write. */
  bytes(): Buffer;
}

const zero = 48;
const smallCopy = 40;
const million = 1_000_000;

/** Begins with room for `sizeHint` bytes, taken where `take` says. */
export function createJsonBytes(sizeHint = 4096, take = Buffer.allocUnsafe): JsonBytes {
  let bytes = take(Math.max(sizeHint, 64));
  let length = 0;
  const room = (more: number) => {
    if (length + more > bytes.length) bytes = Buffer.concat([bytes], Math.max(bytes.length * 2, length + more));
  };
  const ascii = (text: string) => {
    room(text.length);
    for (let i = 0; i < text.length; i++) bytes[length++] = text.charCodeAt(i);
  };
  /** Digits of a whole number below 2^31, at least `least` of them. */
  const digits = (whole: number, least: number) => {
    let count = 1;
    for (let rest = whole; rest > 9; rest = (rest / 10) | 0) count++;
    count = Math.max(count, least);
    let rest = whole;
    for (let at = length + count - 1; at >= length; at--) {
      const next = (rest / 10) | 0;
      bytes[at] = zero + rest - next * 10;
      rest = next;
    }
    length += count;
  };
  return {
    ascii,
    copy(source, from, to) {
      room(to - from);
      if (to - from > smallCopy) source.copy(bytes, length, from, to);
      else for (let i = from; i < to; i++) bytes[length + i - from] = source[i] as number;
      length += to - from;
    },
    number(value) {
      // Most measured values have few decimals: those need no text. What is exact in thousandths has no shorter form.
      const thousandths = Math.round(value * 1000);
      if (thousandths / 1000 !== value || !(Math.abs(thousandths) < 2 ** 31) || Object.is(value, -0)) {
        ascii(toText(value));
        return;
      }
      room(16);
      if (value < 0) bytes[length++] = 45;
      const size = Math.abs(thousandths) | 0;
      const whole = (size / 1000) | 0;
      digits(whole, 1);
      const rest = size - whole * 1000;
      if (rest === 0) return;
      bytes[length++] = 46;
      digits(rest, 3);
      while (bytes[length - 1] === zero) length--;
    },
    seconds(timeMs) {
      const seconds = timeMs / 1000;
      // Those of our times: ten digits, split where each half fits a word.
      if (!Number.isInteger(seconds) || !(seconds >= million && seconds < million * 2 ** 31)) {
        ascii(String(seconds));
        return;
      }
      room(16);
      const millions = Math.floor(seconds / million);
      digits(millions, 1);
      digits(seconds - millions * million, 6);
    },
    get length() {
      return length;
    },
    bytes: () => bytes.subarray(0, length),
  };
}
