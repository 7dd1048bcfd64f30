import type { MatrixItem } from "#internal/metrics/contract.ts";
import { toText } from "./json.ts";

/** Prometheus' envelope of an answer that came from two places, with what is missing in it. */
export function writeJoined(items: readonly MatrixItem[], warnings: readonly string[]): Buffer {
  const result = items.map(({ labels, timeMs, value }) => ({
    metric: labels,
    values: Array.from(timeMs, (time, i) => [time / 1000, toText(value[i] ?? Number.NaN)] as const),
  }));
  return toEnvelope({ resultType: "matrix", result }, warnings);
}

/** The same for one instant. */
export function writeJoinedVector(items: readonly MatrixItem[], atMs: number, warnings: readonly string[]): Buffer {
  const result = items.map(({ labels, value }) => ({
    metric: labels,
    value: [atMs / 1000, toText(value.at(-1) ?? Number.NaN)] as const,
  }));
  return toEnvelope({ resultType: "vector", result }, warnings);
}

function toEnvelope(data: unknown, warnings: readonly string[]): Buffer {
  return Buffer.from(JSON.stringify({ status: "success", data, ...(warnings.length > 0 && { warnings }) }));
}
