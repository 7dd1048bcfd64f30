import type { MatrixItem, VectorItem } from "#internal/metrics/contract.ts";

/** A sample as Prometheus' JSON has it: Unix seconds and the value as text. */
export type JsonSample = [seconds: number, value: string];

/** Prometheus gives the instant that was asked for as time, not the sample's own. */
export function toVector(items: readonly VectorItem[], atMs: number) {
  return items.map(({ labels, value }) => ({
    metric: labels,
    value: [atMs / 1000, toText(value)] satisfies JsonSample,
  }));
}

export function toMatrix(items: readonly MatrixItem[]) {
  return items.map(({ labels, timeMs, value }) => ({
    metric: labels,
    values: Array.from(timeMs, (time, i): JsonSample => [time / 1000, toText(value[i] ?? Number.NaN)]),
  }));
}

/** As Go prints floats: `+Inf`, `-0`, and exponents of two digits at least. */
export function toText(value: number): string {
  if (Number.isNaN(value)) return "NaN";
  if (!Number.isFinite(value)) return value > 0 ? "+Inf" : "-Inf";
  if (Object.is(value, -0)) return "-0";
  return String(value).replace(/e([+-])(\d)$/, "e$10$2");
}
