import type { LogPosition } from "#pkg/contracts/samples.ts";
import type { LoggedBatch } from "#pkg/tsdb/port.ts";
import { addRows, clearRows, countSamples, type Rows } from "./rows.ts";

/**
 * Gathers batches into requests of at most as many samples as `rows` has room for. `send` gets the position up to
 * which the log is whole once these rows are through; false ends it.
 */
export async function sendBatches(
  batches: readonly LoggedBatch[],
  rows: Rows,
  send: (upTo: LogPosition) => Promise<boolean>,
): Promise<void> {
  clearRows(rows);
  const flush = async (upTo: LogPosition) => {
    const goOn = await send(upTo);
    clearRows(rows);
    return goOn;
  };
  for (const { batch, position } of batches) {
    const total = countSamples(batch);
    for (let from = 0; from < total; ) {
      from += addRows(rows, batch, from);
      if (rows.length < rows.series.length) continue;
      if (!(await flush(from < total ? position - 1 : position))) return;
    }
  }
  const last = batches.at(-1)?.position;
  if (last !== undefined) await flush(last);
}
