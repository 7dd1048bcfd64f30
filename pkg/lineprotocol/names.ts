// Hot: finds key and field of a line by what followed last time; the rest of this file runs when that guess fails.
import { isUtf8 } from "node:buffer";
import { backslash, byteAt, comma, equals, newline, space } from "./bytes.ts";
import { hashByte, hashStart } from "./name-table.ts";
import { refuse, type Scan } from "./scan.ts";
import { parseSeriesKey } from "./series-key.ts";
import { toText } from "./text.ts";

/** So many wrong guesses of the next key show that lines come in no steady order. */
const maxMisses = 64;
/** InfluxDB's own bound for a key; ours also for a field's name. */
const maxNameBytes = 65_535;

/** Sets `scan.key` to the key at `pos`. Returns the place of the space behind it, or -1. */
export function readKey(scan: Scan, pos: number): number {
  const { keys } = scan.layout;
  if (scan.misses < maxMisses) {
    const guess = scan.key < 0 ? 0 : (keys.next[scan.key] ?? -1);
    const end = pos + keys.lengthOf(guess);
    if (guess >= 0 && byteAt(scan.body, end) === space && keys.matches(guess, scan.body, scan.view, pos)) {
      if (scan.misses > 0) scan.misses--;
      scan.key = guess;
      return end;
    }
    scan.misses += 2;
  }
  return findKey(scan, pos);
}

function findKey(scan: Scan, start: number): number {
  const { body } = scan;
  let hash = hashStart;
  let pos = start;
  let before = 0;
  for (let byte = byteAt(body, pos); byte !== space || before === backslash; byte = byteAt(body, pos)) {
    if (byte === newline) return refuse(scan, "the line has no fields", start);
    hash = hashByte(hash, byte);
    before = byte;
    pos++;
  }
  const known = scan.layout.keys.find(0, body, scan.view, start, pos, hash);
  const key = known >= 0 ? known : learnKey(scan, start, pos, hash);
  if (key < 0) return -1;
  if (scan.key >= 0) scan.layout.keys.next[scan.key] = key;
  scan.key = key;
  return pos;
}

function learnKey(scan: Scan, start: number, end: number, hash: number): number {
  const bytes = scan.body.subarray(start, end);
  if (bytes.length > maxNameBytes) return refuse(scan, "measurement and tags have more than 65535 bytes", start);
  if (!isUtf8(bytes)) return refuse(scan, "measurement and tags are not UTF-8", start);
  const parsed = parseSeriesKey(toText(bytes));
  if ("refusal" in parsed) return refuse(scan, parsed.refusal, start);
  return scan.layout.addKey(scan.body, start, end, hash);
}

/** The field whose name and `=` stand at `pos`, or -1. `before` is the field in front of it, -1 for the first. */
export function readField(scan: Scan, pos: number, before: number): number {
  const { layout } = scan;
  const guess = before < 0 ? layout.firstField(scan.key) : (layout.fields.next[before] ?? -1);
  if (guess >= 0 && layout.fields.matches(guess, scan.body, scan.view, pos)) return guess;
  return findField(scan, pos, before);
}

function findField(scan: Scan, start: number, previous: number): number {
  const { body, layout } = scan;
  let hash = hashStart;
  let pos = start;
  let before = 0;
  for (let byte = byteAt(body, pos); byte !== equals || before === backslash; byte = byteAt(body, pos)) {
    if (byte === newline || ((byte === space || byte === comma) && before !== backslash)) {
      return refuse(scan, pos === start ? "a field is missing" : "a field has no value", start);
    }
    hash = hashByte(hash, byte);
    before = byte;
    pos++;
  }
  if (pos === start) return refuse(scan, "a field has no name", start);
  const known = layout.fields.find(scan.key, body, scan.view, start, pos + 1, hash);
  const field = known >= 0 ? known : learnField(scan, start, pos + 1, hash);
  if (field >= 0) layout.expect(scan.key, previous, field);
  return field;
}

function learnField(scan: Scan, start: number, end: number, hash: number): number {
  const bytes = scan.body.subarray(start, end);
  if (bytes.length > maxNameBytes) return refuse(scan, "the name of a field has more than 65535 bytes", start);
  if (!isUtf8(bytes)) return refuse(scan, "the name of a field is not UTF-8", start);
  return scan.layout.addField(scan.key, scan.body, start, end, hash);
}
