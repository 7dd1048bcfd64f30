import { ValueType } from "@opentelemetry/api";
import {
  AggregationTemporality,
  DataPointType,
  type MetricData,
  type ResourceMetrics,
} from "@opentelemetry/sdk-metrics";
import type { MetricFamily, MetricPoint } from "../port.ts";
import type { Origin } from "./origin.ts";
import { toHrTime } from "./time.ts";

/** What `/metrics` shows, as OpenTelemetry's exporters take it: cumulative since `sinceMs`. */
export function toResourceMetrics(
  families: readonly MetricFamily[],
  { resource, scope }: Origin,
  times: { sinceMs: number; nowMs: number },
): ResourceMetrics {
  const metrics = families.filter(({ points }) => points.length > 0).map((family) => toMetric(family, times));
  return { resource, scopeMetrics: [{ scope, metrics }] };
}

function toMetric(family: MetricFamily, times: { sinceMs: number; nowMs: number }): MetricData {
  const { name, help, type, points } = family;
  const head = {
    descriptor: { name, description: help, unit: unitOf(name), valueType: ValueType.DOUBLE },
    aggregationTemporality: AggregationTemporality.CUMULATIVE,
  };
  const around = { startTime: toHrTime(times.sinceMs), endTime: toHrTime(times.nowMs) };
  if (type === "histogram") {
    const dataPoints = points.flatMap((point) =>
      "bounds" in point ? [{ ...around, attributes: point.labels, value: toBuckets(point) }] : [],
    );
    return { ...head, dataPointType: DataPointType.HISTOGRAM, dataPoints };
  }
  const dataPoints = points.flatMap((point) =>
    "value" in point ? [{ ...around, attributes: point.labels, value: point.value }] : [],
  );
  if (type === "gauge") return { ...head, dataPointType: DataPointType.GAUGE, dataPoints };
  return { ...head, dataPointType: DataPointType.SUM, dataPoints, isMonotonic: true };
}

function toBuckets({ bounds, counts, sum }: Extract<MetricPoint, { bounds: readonly number[] }>) {
  const count = counts.reduce((total, one) => total + one, 0);
  return { buckets: { boundaries: [...bounds], counts: [...counts] }, count, sum };
}

/** UCUM, from the unit that Prometheus has in the name. */
function unitOf(name: string): string {
  if (/_seconds(_total)?$/.test(name)) return "s";
  if (/_bytes(_total)?$/.test(name)) return "By";
  return name.endsWith("_ratio") ? "1" : "";
}
