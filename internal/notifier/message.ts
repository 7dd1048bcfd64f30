import type { AlertLevel } from "#pkg/contracts/alerting.ts";
import type { NotificationMessage, NotifiedAlert } from "#pkg/contracts/notifier.ts";
import type { AlertEvent, Delivery } from "./delivery.ts";

/** The alert as a message shows it, at a level that need not be the event's own. */
export function toNotifiedAlert(
  { data, at }: AlertEvent,
  status: "firing" | "resolved",
  level: AlertLevel,
  generatorUrl: string,
): NotifiedAlert {
  return {
    alertId: data.alertId,
    fingerprint: data.fingerprint,
    status,
    level,
    labels: { ...data.labels, severity: level },
    annotations: data.annotations,
    value: data.value,
    startsAt: data.startedAt,
    endsAt: status === "firing" ? null : (data.endedAt ?? at),
    generatorUrl,
  };
}

/** The alert of a test message. */
export function toTestAlert(by: string, nowMs: number, generatorUrl: string): NotifiedAlert {
  return {
    alertId: "",
    fingerprint: "0".repeat(16),
    status: "firing",
    level: "info",
    labels: { alertname: "DetectvizTest", severity: "info" },
    annotations: { summary: `Test message, asked for by ${by}` },
    value: null,
    startsAt: nowMs,
    endsAt: null,
    generatorUrl,
  };
}

/** What the plugin gets; the same on every attempt. Each alert is a group of its own: its labels without the level. */
export function toMessage(delivery: Delivery, externalUrl: string): NotificationMessage {
  const { severity: _, ...groupLabels } = delivery.alerts[0]?.labels ?? {};
  return {
    deliveryId: delivery.id,
    groupKey: `{}:${formatLabels(groupLabels)}`,
    status: delivery.alerts.some((alert) => alert.status === "firing") ? "firing" : "resolved",
    receiver: delivery.contactName,
    groupLabels,
    alerts: delivery.alerts,
    externalUrl,
    test: delivery.status === "test",
    locale: delivery.locale,
    target: delivery.target,
  };
}

/** Labels as Prometheus writes them, sorted. */
function formatLabels(labels: Readonly<Record<string, string>>): string {
  const pairs = Object.keys(labels)
    .sort()
    .map((name) => `${name}=${JSON.stringify(labels[name])}`);
  return `{${pairs.join(", ")}}`;
}
