import type { Device } from "#internal/inventory/contract.ts";
import type { VectorItem } from "#internal/metrics/contract.ts";
import type { Reading } from "#pkg/contracts/reading.ts";

/** One reading of the device with its newest value. */
export interface ReadingRow {
  /** As PromQL sees it. */
  metric: string;
  tags: Readonly<Record<string, string>>;
  kind: string;
  unit: string;
  /** Null while none has arrived. */
  value: number | null;
  at: number | null;
  source: string;
}

/** Readings in the order of their names, each with the newest sample of its series. */
export function toReadingRows(device: Device, newest: readonly VectorItem[]): ReadingRow[] {
  return device.readings
    .map((reading) => toRow(device, reading, newest))
    .sort((a, b) => a.metric.localeCompare(b.metric) || label(a).localeCompare(label(b), "en", { numeric: true }));
}

/** `measurement_field`, as the query side writes it. */
export function metricName(device: Pick<Device, "kind">, field: string): string {
  return `${device.kind}_${field}`.replace(/[^a-zA-Z0-9_]/g, "_");
}

function toRow(device: Device, reading: Reading, newest: readonly VectorItem[]): ReadingRow {
  const metric = metricName(device, reading.field);
  const sample = newest.find((item) => item.labels["__name__"] === metric && hasAll(item.labels, reading.tags));
  const { tags, kind, unit } = reading;
  return {
    metric,
    tags,
    kind,
    unit,
    value: sample?.value ?? null,
    at: sample?.timeMs ?? null,
    source: sourceText(reading),
  };
}

function hasAll(labels: Readonly<Record<string, string>>, tags: Readonly<Record<string, string>>): boolean {
  return Object.entries(tags).every(([key, value]) => labels[key] === value);
}

function sourceText({ source }: Reading): string {
  return source.type === "snmp" ? source.oid : `${source.register} ${source.address} ${source.dataType}`;
}

function label(row: ReadingRow): string {
  return Object.values(row.tags).join(" ");
}
