import type { IntColumn, SampleBatch } from "#pkg/contracts/samples.ts";
import { growSeries, type SeriesTable } from "./series-table.ts";

/** A sample this much older than its arrival is history, not news; three times the series' pace if that is more. */
export const staleAfterMs = 5 * 60_000;
/** A longer pause is an interruption and says nothing about the pace. */
const longestPaceMs = 86_400_000;

export interface JudgeCounts {
  judged: number;
  /** Stored but not judged: older than the newest of their series, or too old when they arrived. */
  late: number;
  /** Times ahead of the node's clock, judged as if they were now. */
  ahead: number;
}

/** Called for each sample that may change something. */
export type Crossing = (id: number, timeMs: number, value: number) => void;

export interface BatchJudge {
  /** `arrivedMs`: when the node got the batch. Calls `cross` only for samples outside the bounds of their series. */
  judgeBatch(batch: SampleBatch, arrivedMs: number, seriesCount: number): void;
  counts(): JudgeCounts;
}

/**
 * The hot loop over samples: plain `for` over typed arrays; indexes below `length` and ids below `seriesCount` are
 * in range, which is why elements are taken as numbers here.
 */
export function createBatchJudge(series: SeriesTable, cross: Crossing): BatchJudge {
  const counts: JudgeCounts = { judged: 0, late: 0, ahead: 0 };
  let scratch = new Float64Array(1024);

  const judgeColumn = (
    length: number,
    ids: Uint32Array,
    times: Float64Array,
    values: Float64Array | Uint8Array,
    arrivedMs: number,
  ) => {
    const { low, high, newestMs, arrivedMs: arrivals, paceMs, dirtyChunks } = series;
    const horizonMs = arrivedMs - staleAfterMs;
    let late = 0;
    for (let index = 0; index < length; index++) {
      const id = ids[index] as number;
      let timeMs = times[index] as number;
      const value = values[index] as number;
      const lastMs = newestMs[id] as number;
      if (timeMs < lastMs || (timeMs < horizonMs && arrivedMs - timeMs > 3 * (paceMs[id] as number))) {
        late++;
        continue;
      }
      // NaN is "no value": nothing to judge, and it does not count as a sign of life.
      if (Number.isNaN(value)) continue;
      if (timeMs > arrivedMs) {
        // A device whose clock runs ahead must not make its later, right times look late.
        counts.ahead++;
        timeMs = Math.max(arrivedMs, lastMs);
      }
      const stepMs = timeMs - lastMs;
      if (stepMs > 0 && stepMs < longestPaceMs) paceMs[id] = nextPace(paceMs[id] as number, stepMs);
      newestMs[id] = timeMs;
      arrivals[id] = arrivedMs;
      dirtyChunks[id >>> 12] = 1;
      if (value < (low[id] as number) || value > (high[id] as number)) cross(id, timeMs, value);
    }
    counts.late += late;
    counts.judged += length - late;
  };

  const toFloats = (column: IntColumn): Float64Array => {
    if (scratch.length < column.length) scratch = new Float64Array(column.length * 2);
    for (let index = 0; index < column.length; index++) scratch[index] = Number(column.value[index]);
    return scratch;
  };

  return {
    judgeBatch({ floats, ints, bools }, arrivedMs, seriesCount) {
      growSeries(series, seriesCount);
      judgeColumn(floats.length, floats.series, floats.timeMs, floats.value, arrivedMs);
      judgeColumn(ints.length, ints.series, ints.timeMs, toFloats(ints), arrivedMs);
      judgeColumn(bools.length, bools.series, bools.timeMs, bools.value, arrivedMs);
    },
    counts: () => ({ ...counts }),
  };
}

/** Follows the usual distance of samples slowly; one long pause hardly moves it. */
export function nextPace(paceMs: number, stepMs: number): number {
  return paceMs === 0 ? stepMs : paceMs + (Math.min(stepMs, 4 * paceMs) - paceMs) / 8;
}

/**
 * When the batches of a replay arrived is not stored: not before the last checkpoint, and about when their newest
 * sample was taken.
 */
export function toArrival(batch: SampleBatch, checkpointMs: number, nowMs: number): number {
  let newestMs = Number.NEGATIVE_INFINITY;
  for (const { length, timeMs } of [batch.floats, batch.ints, batch.bools]) {
    for (let index = 0; index < length; index++) newestMs = Math.max(newestMs, timeMs[index] ?? newestMs);
  }
  return Math.max(checkpointMs, Math.min(nowMs, newestMs));
}
