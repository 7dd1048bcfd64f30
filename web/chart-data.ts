import type { Alert } from "#internal/alert/contract.ts";
import type { Device } from "#internal/inventory/contract.ts";
import type { MatrixItem } from "#internal/metrics/contract.ts";
import type { AlertLevel } from "#pkg/contracts/alerting.ts";
import { metricName } from "./pages/device/readings.ts";
import type { PageServices } from "./services.ts";

/** What a chart draws. Times in ms; a gap is a gap. */
export interface ChartData {
  unit: string;
  timeZone: string;
  fromMs: number;
  toMs: number;
  series: readonly { label: string; timeMs: readonly number[]; value: readonly number[] }[];
  thresholds: readonly { level: AlertLevel; value: number; rule: string }[];
  alerts: readonly { level: AlertLevel; fromMs: number; toMs: number; name: string }[];
}

/** Per series at most this many points are sent: more than a screen has columns. */
const maxPoints = 1500;

/** One metric of one device over a range, with its thresholds and alarms. Null when the device is unknown. */
export async function chartData(
  services: PageServices,
  query: { deviceId: string; metric: string; fromMs: number; toMs: number },
): Promise<ChartData | null> {
  const device = await services.inventory.get(query.deviceId);
  if (device === undefined) return null;
  const { metric, fromMs, toMs } = query;
  const matchers = [
    { name: "__name__", op: "=", value: metric },
    { name: "device", op: "=", value: device.key },
  ] as const;
  const [items, rules, alerts] = await Promise.all([
    services.metrics.raw(matchers, fromMs, toMs),
    services.rules.list(),
    services.alerts.list({ scope: "all", labels: { device: device.key }, limit: 100 }),
  ]);
  const watching = rules.filter((rule) => rule.enabled !== false && new RegExp(`\\b${metric}\\b`).test(rule.condition));
  const ids = new Set(watching.map((rule) => rule.id));
  return {
    unit: device.readings.find((reading) => metricName(device, reading.field) === metric)?.unit ?? "",
    timeZone: services.site().timeZone,
    fromMs,
    toMs,
    series: items.map((item) => toSeries(item, device)),
    thresholds: watching.flatMap(({ name, levels }) =>
      Object.entries(levels ?? {}).map(([level, spec]) => ({
        level: level as AlertLevel,
        value: spec.threshold,
        rule: name,
      })),
    ), // the keys of `levels` are levels
    alerts: alerts.items
      .filter((alert) => ids.has(alert.ruleId) && (alert.endedAt ?? toMs) >= fromMs)
      .map((alert) => toShade(alert, toMs)),
  };
}

function toShade(alert: Alert, toMs: number): ChartData["alerts"][number] {
  return { level: alert.level, fromMs: alert.startedAt, toMs: alert.endedAt ?? toMs, name: alert.ruleName };
}

function toSeries(item: MatrixItem, device: Device): ChartData["series"][number] {
  const known = ["__name__", "device", "name", "host"];
  const own = Object.entries(item.labels).filter(([key, value]) => !known.includes(key) && device.tags[key] !== value);
  return { label: own.map(([, text]) => text).join(" ") || device.name, ...thin(item.timeMs, item.value) };
}

/** At most `maxPoints`: of each stretch the lowest and the highest stay, so that no peak is lost. */
export function thin(timeMs: Float64Array, value: Float64Array): { timeMs: number[]; value: number[] } {
  const stretch = Math.ceil(timeMs.length / (maxPoints / 2));
  if (stretch <= 2) return { timeMs: [...timeMs], value: [...value] };
  const kept: number[] = [];
  for (let start = 0; start < timeMs.length; start += stretch) {
    let low = start;
    let high = start;
    for (let index = start; index < Math.min(start + stretch, timeMs.length); index++) {
      if ((value[index] ?? 0) < (value[low] ?? 0)) low = index;
      if ((value[index] ?? 0) > (value[high] ?? 0)) high = index;
    }
    kept.push(...(low === high ? [low] : [Math.min(low, high), Math.max(low, high)]));
  }
  return { timeMs: kept.map((index) => timeMs[index] ?? 0), value: kept.map((index) => value[index] ?? 0) };
}
