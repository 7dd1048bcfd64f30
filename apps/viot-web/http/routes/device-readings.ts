import type { Device } from "#internal/inventory/contract.ts";
import type { Metrics, VectorItem } from "#internal/metrics/contract.ts";
import type { Reading } from "#pkg/contracts/reading.ts";

/** One reading of a device with its newest value; `at` is null while the value is the one seen by the scan. */
export interface ReadingJson {
  metric: string;
  tags: Record<string, string>;
  value: number;
  /** All digits of a 64-bit integer that `value` does not hold. */
  digits?: string;
  unit: string;
  kind: string;
  source: string;
  at: string | null;
}

/** The device's readings with what Telegraf delivered last. */
export function toReadingsJson(device: Device, metrics: Pick<Metrics, "newest">): ReadingJson[] {
  const samples = metrics.newest([{ name: "device", op: "=", value: device.key }]);
  const byMetric = Map.groupBy(samples, (sample) => sample.labels["__name__"] ?? "");
  return device.readings.map((reading) => {
    const metric = toName(`${device.kind}_${reading.field}`);
    const sample = newestOf(byMetric.get(metric) ?? [], reading);
    return {
      metric,
      tags: { ...reading.tags },
      value: sample?.value ?? reading.value,
      ...(sample?.exact !== undefined && { digits: `${sample.exact}` }),
      unit: reading.unit,
      kind: reading.kind,
      source: toSource(reading),
      at: sample ? new Date(sample.timeMs).toISOString() : null,
    };
  });
}

/** Of the series that carry the reading's parts, the one with the fewest labels: the others are parts of it. */
function newestOf(samples: readonly VectorItem[], reading: Reading): VectorItem | undefined {
  const parts = Object.entries(reading.tags).map(([key, value]) => [toName(key), value] as const);
  const fitting = samples.filter(({ labels }) => parts.every(([key, value]) => labels[key] === value));
  const size = (sample: VectorItem) => Object.keys(sample.labels).length;
  return fitting.toSorted((a, b) => size(a) - size(b) || b.timeMs - a.timeMs)[0];
}

/** As PromQL sees it. */
const toName = (text: string) => text.replaceAll(/[^a-zA-Z0-9_]/g, "_");

function toSource({ source }: Reading): string {
  return source.type === "snmp"
    ? source.oid
    : `${source.register} ${source.address} ${source.dataType} ${source.byteOrder}`;
}
