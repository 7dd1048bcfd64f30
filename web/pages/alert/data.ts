import type { Alert, AlertTimelineEntry } from "#internal/alert/contract.ts";
import type { Device } from "#internal/inventory/contract.ts";
import type { Notification } from "#internal/notifier/contract.ts";
import type { Comparison, Rule } from "#internal/rule/contract.ts";
import type { AlertLevel } from "#pkg/contracts/alerting.ts";
import { type AlertRow, toAlertRow } from "../../components/alert-rows.ts";
import { type Part, part } from "../../components/part.ts";
import type { PageRequest } from "../../page.ts";
import type { PageServices } from "../../services.ts";
import { metricName } from "../device/readings.ts";

export interface AlertData {
  alert: Alert;
  row: AlertRow;
  /** The device it is of, where we know it. */
  device: { href: string; tags: Device["tags"] } | null;
  /** Unit of the value; empty where it cannot be told. */
  unit: string;
  timeline: Part<readonly AlertTimelineEntry[]>;
  notifications: Part<readonly Notification[]>;
  rule: Part<RuleFacts | null>;
  /** What a silence can be put on, narrowest first; empty when the user may not. */
  silenceTargets: readonly SilenceTarget[];
}

export interface SilenceTarget {
  name: "device" | "room" | "alert";
  label: string;
  /** JSON of the matchers, as the API takes them. */
  matchers: string;
}

export interface RuleFacts {
  id: string;
  name: string;
  condition: string;
  comparison: Comparison | null;
  levels: readonly { level: AlertLevel; threshold: number; reset: number | null }[];
  /** `file:line` of a rule from a file: its thresholds are changed there. */
  source: string | null;
  mayChange: boolean;
}

/** One alarm: what it is, since when, who was told, and what can be done about it. Null when there is none. */
export async function alertData(request: PageRequest, services: PageServices): Promise<AlertData | null> {
  const alert = await services.alerts.get(request.params["id"] ?? "");
  if (alert === undefined) return null;
  const [timeline, notifications, rule, found] = await Promise.all([
    part(() => services.alerts.timeline(alert.id)),
    part(async () => (await services.notifier.list({ alertId: alert.id, limit: 50 })).items),
    part(async () => toRuleFacts(await services.rules.get(alert.ruleId), request)),
    part(() => deviceOf(alert, services)),
  ]);
  const device = found.ok ? found.data : undefined;
  return {
    alert,
    row: toAlertRow(alert, request),
    device: device === undefined ? null : { href: `/devices/${device.id}`, tags: device.tags },
    unit: device !== undefined && rule.ok && rule.data !== null ? unitOf(device, rule.data.condition) : "",
    timeline,
    notifications,
    rule,
    silenceTargets: request.may("operator") ? targets(alert.labels, device?.tags ?? {}) : [],
  };
}

async function deviceOf(alert: Alert, services: PageServices): Promise<Device | undefined> {
  const key = alert.labels["device"];
  if (key === undefined) return undefined;
  const { items } = await services.inventory.list({ search: key, limit: 5 });
  return items.find((one) => one.key === key);
}

/** The unit of the reading that the condition names. */
function unitOf(device: Device, condition: string): string {
  const named = new Set(condition.match(/[a-zA-Z_:][a-zA-Z0-9_:]*/g) ?? []);
  return device.readings.find((reading) => named.has(metricName(device, reading.field)))?.unit ?? "";
}

function toRuleFacts(rule: Rule | undefined, request: PageRequest): RuleFacts | null {
  if (rule === undefined) return null;
  const levels = (["warning", "critical", "info"] as const).flatMap((level) => {
    const spec = rule.levels?.[level];
    return spec === undefined ? [] : [{ level, threshold: spec.threshold, reset: spec.reset ?? null }];
  });
  const { id, name, condition, comparison = null, source } = rule;
  return {
    id,
    name,
    condition,
    comparison,
    levels,
    source,
    mayChange: source === null && levels.length > 0 && request.may("engineer"),
  };
}

/** What can be silenced. A label that hides a site tag of the same name (phase L1 of a device, phase P7 of a factory) is no place. */
function targets(labels: Readonly<Record<string, string>>, siteTags: Device["tags"]): SilenceTarget[] {
  const { device, room, alertname } = labels;
  const place = ["factory", "phase", "dc", "room"].filter(
    (key) => labels[key] !== undefined && (siteTags[key] ?? labels[key]) === labels[key],
  );
  const list: SilenceTarget[] = [];
  if (device !== undefined)
    list.push({ name: "device", label: labels["name"] ?? device, matchers: toMatchers(labels, ["device"]) });
  if (room !== undefined)
    list.push({
      name: "room",
      label: place.map((key) => labels[key]).join(" / "),
      matchers: toMatchers(labels, place),
    });
  if (alertname !== undefined) {
    const names = ["alertname", ...(device === undefined ? [] : ["device"])];
    list.push({ name: "alert", label: alertname, matchers: toMatchers(labels, names) });
  }
  return list;
}

function toMatchers(labels: Readonly<Record<string, string>>, names: readonly string[]): string {
  return JSON.stringify(names.map((name) => `${name}=${JSON.stringify(labels[name] ?? "")}`));
}
