import type { AlertLevel, Cover } from "./alerting.ts";
import type { DeviceProblem } from "./reading.ts";

/** What happened, by name. Names are `noun.past`; the shapes are what subscribers may rely on. */
export interface EventMap {
  "device.discovered": { deviceId: string; deviceKey: string; scanId: string };
  "device.accepted": { deviceId: string; deviceKey: string; by: string };
  "device.changed": { deviceId: string; deviceKey: string; from: string; to: string; problem: DeviceProblem | null };
  "device.silent": { deviceId: string; deviceKey: string; since: number | null };
  "rollout.applied": { rolloutId: string; unitId: string; deviceKeys: string[] };
  "rollout.failed": { rolloutId: string; unitId: string; detail: string };
  "rollout.rolled_back": { rolloutId: string; unitId: string; detail: string };
  "rule.changed": { ruleId: string; change: "created" | "updated" | "deleted" };
  "alert.opened": AlertEventData;
  "alert.level_changed": AlertEventData & { fromLevel: AlertLevel };
  "alert.acknowledged": AlertEventData & { by: string; comment: string };
  "alert.closed": AlertEventData;
  "notification.sent": { notificationId: string; alertId: string; contactId: string };
  "notification.failed": { notificationId: string; alertId: string; contactId: string; detail: string };
  "health.changed": { part: string; from: string; to: string; detail: string };
  "config.changed": { sections: string[]; by: string };
}

/** The alert as it was when the event happened: a handler needs no second look. */
export interface AlertEventData {
  alertId: string;
  fingerprint: string;
  ruleId: string;
  ruleName: string;
  level: AlertLevel;
  /** All labels, `alertname` included, `severity` left out. */
  labels: Record<string, string>;
  annotations: Record<string, string>;
  value: number | null;
  covers: Cover[];
  startedAt: number;
  endedAt: number | null;
}

export type EventType = keyof EventMap;

/** One event. Handlers are idempotent by `id`; events with the same `key` arrive in order of commit. */
export interface DomainEvent<T extends EventType = EventType> {
  /** UUID v7. */
  id: string;
  type: T;
  /** UTC milliseconds. */
  at: number;
  node: string;
  key: string;
  traceparent: string | null;
  data: EventMap[T];
}

/** What a module hands to the outbox; id, time and node are filled in there. */
export type NewEvent = { [T in EventType]: { type: T; key: string; data: EventMap[T] } }[EventType];
