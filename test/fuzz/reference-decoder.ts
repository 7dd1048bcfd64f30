import { isUtf8 } from "node:buffer";

/** One value as the reference reads it; integers as decimal text. */
export interface ReferenceSample {
  /** `measurement,tag=value field kind`, without escapes. */
  series: string;
  timeMs: number;
  value: number | string | boolean;
}

export interface ReferenceOptions {
  precision: "ns" | "us" | "ms" | "s";
  oldestMs: number;
  newestMs: number;
  nowMs: number;
}

class Refused extends Error {}

/**
 * Line protocol told in the plainest way: one byte after the other, with strings and objects, written from what
 * `pkg/lineprotocol/port.ts` promises. Text is held as latin1, so that one character is one byte.
 */
export function decodeByReference(body: Uint8Array, options: ReferenceOptions) {
  const text = Buffer.from(body).toString("latin1");
  const samples: ReferenceSample[] = [];
  const refused: number[] = [];
  let accepted = 0;
  for (let pos = 0; pos < text.length; ) {
    const start = skip(text, pos, " ");
    if (charAt(text, start) === "\n") pos = start + 1;
    else if (charAt(text, start) === "\r" && charAt(text, start + 1) === "\n") pos = start + 2;
    else if (charAt(text, start) === "#") pos = endOfText(text, start) + 1;
    else {
      try {
        const line = readLine(text, start, options);
        samples.push(...line.samples);
        accepted++;
        pos = line.end + 1;
      } catch (error) {
        if (!(error instanceof Refused)) throw error;
        refused.push(text.slice(0, start).split("\n").length);
        pos = endOfRefused(text, start) + 1;
      }
    }
  }
  return { samples, accepted, refused };
}

/** What lies behind the end reads as a newline. */
const charAt = (text: string, pos: number) => text[pos] ?? "\n";

function skip(text: string, from: number, character: string): number {
  let pos = from;
  while (charAt(text, pos) === character) pos++;
  return pos;
}

function endOfText(text: string, from: number): number {
  const at = text.indexOf("\n", from);
  return at < 0 ? text.length : at;
}

function readLine(text: string, start: number, options: ReferenceOptions) {
  const keyEnd = endOfKey(text, start);
  const { measurement, tags } = readKey(text.slice(start, keyEnd));
  const fields = readFields(text, skip(text, keyEnd, " "));
  const { timeMs, end } = readTime(text, fields.end, options);
  const series = [measurement, ...tags.map(([key, value]) => `${key}=${value}`)].join(",");
  const samples = fields.list.map(({ name, kind, value }) => ({ series: `${series} ${name} ${kind}`, timeMs, value }));
  return { samples, end };
}

function endOfKey(text: string, start: number): number {
  for (let pos = start; ; pos++) {
    if (charAt(text, pos) === "\n") throw new Refused("no fields");
    if (charAt(text, pos) === " " && (pos === start || charAt(text, pos - 1) !== "\\")) return pos;
  }
}

function readKey(raw: string): { measurement: string; tags: [string, string][] } {
  if (raw.length > 65_535) throw new Refused("key too long");
  const [name = "", ...pairs] = split(decode(raw), ",");
  if (name === "") throw new Refused("no measurement");
  const tags = pairs.map((pair): [string, string] => {
    const parts = split(pair, "=");
    if (parts.length !== 2 || parts[0] === "" || parts[1] === "") throw new Refused("bad tag");
    return [withoutEscapes(parts[0] ?? "", ",= "), withoutEscapes(parts[1] ?? "", ",= ")];
  });
  tags.sort(([a], [b]) => (a < b ? -1 : 1));
  if (new Set(tags.map(([key]) => key)).size < tags.length) throw new Refused("tag twice");
  return { measurement: withoutEscapes(name, ", "), tags };
}

/** Splits where the separator has no backslash right before it. */
function split(text: string, separator: string): string[] {
  const parts = [""];
  for (let i = 0; i < text.length; i++) {
    if (text[i] === separator && text[i - 1] !== "\\") parts.push("");
    else parts.push(parts.pop() + (text[i] ?? ""));
  }
  return parts;
}

function withoutEscapes(text: string, escaped: string): string {
  let plain = "";
  for (let i = 0; i < text.length; i++) {
    if (text[i] === "\\" && escaped.includes(text[i + 1] ?? "none")) i++;
    plain += text[i];
  }
  return plain;
}

function decode(latin1: string): string {
  const bytes = Buffer.from(latin1, "latin1");
  if (!isUtf8(bytes)) throw new Refused("not UTF-8");
  return bytes.toString("utf8");
}

interface Field {
  name: string;
  kind: string;
  value: number | string | boolean;
}

function readFields(text: string, start: number): { list: Field[]; end: number } {
  const list: Field[] = [];
  for (let pos = start; ; pos++) {
    const equals = endOfFieldName(text, pos);
    const name = withoutEscapes(decode(text.slice(pos, equals)), ",= ");
    const { kind, value, end } = readValue(text, equals + 1);
    list.push({ name, kind, value });
    if (charAt(text, end) !== ",") return { list, end };
    pos = end;
  }
}

function endOfFieldName(text: string, start: number): number {
  for (let pos = start; ; pos++) {
    const [before, now] = [pos === start ? "" : charAt(text, pos - 1), charAt(text, pos)];
    if (now === "\n") throw new Refused("no value");
    if (before === "\\") continue;
    if (now === " " || now === ",") throw new Refused("no value");
    if (now !== "=") continue;
    if (pos === start) throw new Refused("no name");
    return pos;
  }
}

const words: Record<string, boolean> = {
  ...{ t: true, T: true, true: true, True: true, TRUE: true },
  ...{ f: false, F: false, false: false, False: false, FALSE: false },
};

function readValue(text: string, start: number): Omit<Field, "name"> & { end: number } {
  if (charAt(text, start) === '"') return readQuoted(text, start);
  let end = start;
  while (!", \n\r".includes(charAt(text, end))) end++;
  const token = text.slice(start, end);
  if (Object.hasOwn(words, token)) return { kind: "bool", value: words[token] === true, end };
  if (token.length > 400) throw new Refused("long number");
  if (/^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(token)) {
    if (!Number.isFinite(Number(token))) throw new Refused("too large");
    return { kind: "float", value: Number(token), end };
  }
  if (!/^[+-]?\d+i$|^\+?\d+u$/.test(token)) throw new Refused("no value of any kind");
  const whole = BigInt(token.slice(token.startsWith("+") ? 1 : 0, -1));
  if (BigInt.asIntN(64, whole) !== whole) throw new Refused("too large for 64 bits");
  return { kind: "int", value: String(whole), end };
}

function readQuoted(text: string, start: number): Omit<Field, "name"> & { end: number } {
  let raw = "";
  for (let pos = start + 1; pos < text.length; pos++) {
    if (text[pos] === '"') return { kind: "string", value: decode(raw), end: pos + 1 };
    if (text[pos] === "\\" && ['"', "\\"].includes(text[pos + 1] ?? "")) pos++;
    raw += text[pos];
  }
  throw new Refused("no closing quote");
}

const droppedDigits = { ns: 6, us: 3, ms: 0, s: 0 };

function readTime(text: string, start: number, options: ReferenceOptions): { timeMs: number; end: number } {
  const match = /^( +(\d+))? *\r?(\n|$)/.exec(text.slice(start, endOfText(text, start) + 1));
  if (!match) throw new Refused("bad time or rest");
  const end = endOfText(text, start);
  const digits = match[2];
  if (digits === undefined) return { timeMs: options.nowMs, end };
  if (digits.length - droppedDigits[options.precision] > 15) throw new Refused("too many digits");
  const scaled = BigInt(digits) * (options.precision === "s" ? 1000n : 1n);
  const timeMs = Number(scaled / 10n ** BigInt(droppedDigits[options.precision]));
  if (timeMs < options.oldestMs || timeMs > options.newestMs) throw new Refused("out of bounds");
  return { timeMs, end };
}

/** A refused line ends with its first newline outside quoted text; with the first of all when the quotes make no sense. */
function endOfRefused(text: string, start: number): number {
  for (let pos = start; ; pos++) {
    if (charAt(text, pos) === "\n") return pos;
    if (charAt(text, pos) !== '"' || charAt(text, pos - 1) !== "=") continue;
    const quoted = /^"(\\["\\]|\\(?!["\\])|[^"\\])*"(?=[,\n\r]|$| [- \n\d]| $)/.exec(text.slice(pos));
    if (!quoted) return endOfText(text, start);
    pos += quoted[0].length - 1;
  }
}
