// Hot: every value of an answer passes here. Indexes stay below the lengths of the columns, hence `as number`.
import { setImmediate as nextTurn } from "node:timers/promises";
import type { MatrixColumns, VectorColumns } from "#internal/metrics/contract.ts";
import type { AnswerRoom } from "./answer-room.ts";
import { createJsonBytes, type JsonBytes } from "./json-bytes.ts";
import { type LabelJson, toItemStart } from "./label-json.ts";

/** Room to begin with, at most; what is longer grows. */
const mostRoomBytes = 64 * 2 ** 20;
/** Values that are written in one go, a few milliseconds: then others get their turn. */
const atOnce = 20_000;

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
  const json = createJsonBytes(Math.min(rows * (steps * 32 + 200) + 100, mostRoomBytes), room.take);
  const times = writeTimes(columns.timeMs);
  json.ascii('{"status":"success","data":{"resultType":"matrix","result":[');
  let [isFirst, since] = [true, 0];
  for (let row = 0; row < rows; row++) {
    let left = countValues(series, row * steps, steps);
    if (left === 0) continue;
    if (!isFirst) json.ascii(",");
    isFirst = false;
    writeStart(json, columns, row, labels);
    json.ascii('s":[');
    for (let step = 0; step < steps; step++) {
      const at = row * steps + step;
      if (series[at] === 0) continue;
      json.copy(times.bytes, times.from[step] as number, times.from[step + 1] as number);
      writeValue(json, columns, at);
      json.ascii(--left > 0 ? '"],' : '"]');
      if (++since % atOnce === 0) await nextTurn();
    }
    json.ascii("]}");
  }
  json.ascii("]}}");
  return json.bytes();
}

/** Each step's time as it stands in front of a value: the bytes of step `i` begin at `from[i]`. */
function writeTimes(timeMs: Float64Array): { bytes: Buffer; from: Uint32Array } {
  const json = createJsonBytes(timeMs.length * 18);
  const from = new Uint32Array(timeMs.length + 1);
  for (let step = 0; step < timeMs.length; step++) {
    json.ascii("[");
    json.seconds(timeMs[step] as number);
    json.ascii(',"');
    from[step + 1] = json.length;
  }
  return { bytes: json.bytes(), from };
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
