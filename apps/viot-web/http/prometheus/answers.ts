// Hot: every value of an answer passes here. Indexes stay below the lengths of the columns, hence `as number`.
import { setImmediate as nextTurn } from "node:timers/promises";
import type { MatrixColumns, VectorColumns } from "#internal/metrics/contract.ts";
import type { AnswerRoom } from "./answer-room.ts";
import { mostNumberBytes, putBytes, putNumber, putSeconds, putText } from "./ascii.ts";
import { createJsonBytes, type JsonBytes } from "./json-bytes.ts";
import { type LabelJson, toItemStart } from "./label-json.ts";

/** Room to begin with, at most; what is longer grows. */
const mostRoomBytes = 64 * 2 ** 20;
/** Values that are written in one go, a few milliseconds: then others get their turn. */
const atOnce = 20_000;
/** Values that room is made for in one go. */
const piece = 64;

/** Prometheus' answer to an instant query. It gives the instant that was asked for as time, not the sample's own. */
export async function writeVector(
  columns: VectorColumns | MatrixColumns,
  atMs: number,
  labels: LabelJson,
  room: AnswerRoom,
): Promise<Buffer> {
  const json = createJsonBytes(Math.min(columns.value.length * 250 + 100, mostRoomBytes), room.take);
  const time = `":[${atMs / 1000},"`;
  json.ascii('{"status":"success","data":{"resultType":"vector","result":[');
  const isMatrix = "rows" in columns;
  let isFirst = true;
  for (let i = 0; i < columns.value.length; i++) {
    if (i % atOnce === atOnce - 1) await nextTurn();
    if (isMatrix && columns.series[i] === 0) continue;
    if (!isFirst) json.ascii(",");
    isFirst = false;
    writeStart(json, columns, i, labels);
    json.ascii(time);
    writeValue(json, columns, i);
    json.ascii('"]}');
  }
  json.ascii("]}}");
  return json.bytes();
}

/** Prometheus' answer to a range query: rows without a value are left out. */
export async function writeMatrix(columns: MatrixColumns, labels: LabelJson, room: AnswerRoom): Promise<Buffer> {
  const { rows, series } = columns;
  const steps = columns.timeMs.length;
  const sizeHint = rows * (steps * 32 + 200) + piece * mostValueBytes;
  const json = createJsonBytes(Math.min(sizeHint, mostRoomBytes), room.take);
  const times = writeTimes(columns.timeMs);
  json.ascii('{"status":"success","data":{"resultType":"matrix","result":[');
  let [isFirst, since] = [true, 0];
  for (let row = 0; row < rows; row++) {
    if (countValues(series, row * steps, steps) === 0) continue;
    if (!isFirst) json.ascii(",");
    isFirst = false;
    writeStart(json, columns, row, labels);
    json.ascii('s":[');
    for (let from = 0; from < steps; from += piece) {
      const to = Math.min(from + piece, steps);
      json.fill((to - from) * mostValueBytes, (into, at) => putValues(into, at, columns, { row, from, to }, times));
      since += to - from;
      if (since >= atOnce) await nextTurn();
      since %= atOnce;
    }
    json.ascii("]}");
  }
  json.ascii("]}}");
  return json.bytes();
}

/** A time and a number with what stands around them. */
const mostValueBytes = 2 * mostNumberBytes + 8;
const [comma, opening, quote, closing] = [44, 91, 34, 93];

/** Values of steps `from` to `to` (left out) of a row, with commas between. */
function putValues(
  into: Buffer,
  start: number,
  { series, value, exact, timeMs }: MatrixColumns,
  { row, from, to }: { row: number; from: number; to: number },
  times: Times,
): number {
  let at = start;
  for (let step = from; step < to; step++) {
    const place = row * timeMs.length + step;
    if (series[place] === 0) continue;
    if (into[at - 1] !== opening) into[at++] = comma;
    at = putBytes(into, at, times.bytes, times.from[step] as number, times.from[step + 1] as number);
    const whole = exact.size === 0 ? undefined : exact.get(place);
    at = whole === undefined ? putNumber(into, at, value[place] as number) : putText(into, at, String(whole));
    into[at++] = quote;
    into[at++] = closing;
  }
  return at;
}

/** Each step's time as it stands in front of a value: the bytes of step `i` begin at `from[i]`. */
interface Times {
  bytes: Uint8Array;
  from: Uint32Array;
}

function writeTimes(timeMs: Float64Array): Times {
  const bytes = new Uint8Array(timeMs.length * (mostNumberBytes + 3));
  const from = new Uint32Array(timeMs.length + 1);
  let at = 0;
  for (let step = 0; step < timeMs.length; step++) {
    at = putText(bytes, at, "[");
    at = putSeconds(bytes, at, timeMs[step] as number);
    at = putText(bytes, at, ',"');
    from[step + 1] = at;
  }
  return { bytes, from };
}

function countValues(series: Uint32Array, from: number, steps: number): number {
  let count = 0;
  for (let at = from; at < from + steps; at++) if (series[at] !== 0) count++;
  return count;
}

function writeStart(json: JsonBytes, columns: VectorColumns | MatrixColumns, row: number, labels: LabelJson): void {
  const set = columns.set?.[row];
  if (set !== undefined) labels.write(json, set);
  else {
    const start = toItemStart("rows" in columns ? columns.labels(row) : {});
    json.copy(start, 0, start.length);
  }
}

function writeValue(json: JsonBytes, { value, exact }: VectorColumns | MatrixColumns, at: number): void {
  const whole = exact.size === 0 ? undefined : exact.get(at);
  if (whole === undefined) json.number(value[at] as number);
  else json.ascii(String(whole));
}
