// Hot: every value of an answer passes here. Who calls has made room, hence no checks; each function writes from byte
// `at` of `into` on and returns the byte behind. State in arguments stays in registers: a third of the time of closures.
import { toText } from "./json.ts";

const [zero, minus, point] = [48, 45, 46];
const million = 1_000_000;

/** The most bytes that a number or a time takes. */
export const mostNumberBytes = 32;

/** Text as it stands, ASCII only. */
export function putText(into: Uint8Array, at: number, text: string): number {
  for (let i = 0; i < text.length; i++) into[at + i] = text.charCodeAt(i);
  return at + text.length;
}

/** Bytes `from` to `to` (left out) of `source`: for few of them. */
export function putBytes(into: Uint8Array, at: number, source: Uint8Array, from: number, to: number): number {
  for (let i = from; i < to; i++) into[at + i - from] = source[i] as number;
  return at + to - from;
}

/** A number as Prometheus prints it, without quotes. */
export function putNumber(into: Uint8Array, at: number, value: number): number {
  // Most measured values have few decimals: those need no text. What is exact in thousandths has no shorter form.
  const thousandths = Math.round(value * 1000);
  if (thousandths / 1000 !== value || !(Math.abs(thousandths) < 2 ** 31) || Object.is(value, -0))
    return putText(into, at, toText(value));
  let end = at;
  if (value < 0) into[end++] = minus;
  const size = Math.abs(thousandths) | 0;
  const whole = (size / 1000) | 0;
  end = putDigits(into, end, whole, countDigits(whole));
  const rest = size - whole * 1000;
  if (rest === 0) return end;
  into[end] = point;
  end = putDigits(into, end + 1, rest, 3);
  while (into[end - 1] === zero) end--;
  return end;
}

/** A time as seconds. */
export function putSeconds(into: Uint8Array, at: number, timeMs: number): number {
  const seconds = timeMs / 1000;
  // Those of our times: ten digits, split where each half fits a word.
  if (!Number.isInteger(seconds) || !(seconds >= million && seconds < million * 2 ** 31))
    return putText(into, at, String(seconds));
  const millions = Math.floor(seconds / million) | 0;
  const end = putDigits(into, at, millions, countDigits(millions));
  return putDigits(into, end, (seconds - millions * million) | 0, 6);
}

/** How many digits a whole number below 2^31 has. */
function countDigits(whole: number): number {
  let count = 1;
  for (let limit = 10; whole >= limit; limit *= 10) count++;
  return count;
}

/** The last `count` digits of a whole number below 2^31. */
function putDigits(into: Uint8Array, at: number, whole: number, count: number): number {
  let rest = whole;
  for (let place = at + count - 1; place >= at; place--) {
    const next = (rest / 10) | 0;
    into[place] = zero + rest - next * 10;
    rest = next;
  }
  return at + count;
}
