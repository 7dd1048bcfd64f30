import type { MatrixColumns, MatrixItem, Metrics, VectorColumns, VectorItem } from "./contract.ts";

/** Whether an answer to an instant query has rows of steps (of which there is one) rather than label sets. */
export function isMatrix(columns: VectorColumns | MatrixColumns): columns is MatrixColumns {
  return "rows" in columns;
}

/** The same as objects. */
export function toVectorItems(columns: VectorColumns | MatrixColumns, labels: Metrics["labels"]): VectorItem[] {
  if (isMatrix(columns)) {
    return toMatrixItems(columns).map((item) => ({
      labels: item.labels,
      timeMs: item.timeMs[0] ?? 0,
      value: item.value[0] ?? 0,
    }));
  }
  return Array.from(columns.set, (set, i) => {
    const exact = columns.exact.get(i);
    const item = { labels: labels(set), timeMs: columns.timeMs[i] ?? 0, value: columns.value[i] ?? 0 };
    return exact === undefined ? item : { ...item, exact };
  });
}

/** The same as objects; steps without a value are left out, and rows without any. */
export function toMatrixItems(columns: MatrixColumns): MatrixItem[] {
  const steps = columns.timeMs.length;
  return Array.from({ length: columns.rows }, (_, row) => {
    const isThere = (_value: number, step: number) => (columns.series[row * steps + step] ?? 0) > 0;
    return {
      labels: columns.labels(row),
      timeMs: columns.timeMs.filter(isThere),
      value: columns.value.subarray(row * steps, (row + 1) * steps).filter(isThere),
    };
  }).filter(({ timeMs }) => timeMs.length > 0);
}
