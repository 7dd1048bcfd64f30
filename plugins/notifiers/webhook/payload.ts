import type { NotificationMessage, NotifiedAlert } from "#pkg/contracts/notifier.ts";

type Texts = Readonly<Record<string, string>>;

/** Alertmanager says "not ended" with Go's zero time. */
const notEnded = "0001-01-01T00:00:00Z";

/** Alertmanager's webhook body, version "4", with all its fields and no other. */
export function toPayload(message: NotificationMessage) {
  return {
    version: "4",
    groupKey: message.groupKey,
    truncatedAlerts: 0,
    status: message.status,
    receiver: message.receiver,
    groupLabels: message.groupLabels,
    commonLabels: common(message.alerts.map((alert) => alert.labels)),
    commonAnnotations: common(message.alerts.map((alert) => alert.annotations)),
    externalURL: message.externalUrl,
    alerts: message.alerts.map(toAlert),
  };
}

function toAlert(alert: NotifiedAlert) {
  return {
    status: alert.status,
    labels: alert.labels,
    annotations: alert.annotations,
    startsAt: new Date(alert.startsAt).toISOString(),
    endsAt: alert.endsAt === null ? notEnded : new Date(alert.endsAt).toISOString(),
    generatorURL: alert.generatorUrl,
    fingerprint: alert.fingerprint,
  };
}

/** What all have with the same value. */
function common([first = {}, ...others]: readonly Texts[]): Texts {
  return Object.fromEntries(
    Object.entries(first).filter(([key, value]) => others.every((other) => other[key] === value)),
  );
}
