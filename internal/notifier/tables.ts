import { alertLevels } from "#pkg/contracts/alerting.ts";
import type { Notification } from "./contract.ts";
import type { Delivery } from "./delivery.ts";

/** The module's table. */
export interface NotifierTables {
  notifications: NotificationRow;
}

export interface NotificationRow {
  id: string;
  dedupe_key: string;
  event_id: string;
  alert_id: string;
  contact_id: string;
  contact_name: string;
  channel: string;
  channel_index: number;
  status: string;
  level: string;
  state: string;
  /** JSON. */
  attempts: string;
  attempt_count: number;
  reason: string | null;
  /** JSON of what the message says and where it goes; gone when it is at its end, for it may hold secrets. */
  message: string | null;
  created_at: number;
  updated_at: number;
}

/** Only `toRow` writes these rows: their states are ours. */
export function toNotification(row: NotificationRow): Notification {
  return {
    id: row.id,
    alertId: row.alert_id,
    contactId: row.contact_id,
    contactName: row.contact_name,
    channel: row.channel,
    status: row.status as Notification["status"],
    state: row.state as Notification["state"],
    attempts: JSON.parse(row.attempts),
    reason: row.reason,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}

export function toRow(delivery: Delivery, nowMs: number): NotificationRow {
  const { locale, target, alerts, traceparent } = delivery;
  return {
    id: delivery.id,
    dedupe_key: `${delivery.eventId}/${delivery.contactId}/${delivery.channelIndex}`,
    event_id: delivery.eventId,
    alert_id: delivery.alertId,
    contact_id: delivery.contactId,
    contact_name: delivery.contactName,
    channel: delivery.channel,
    channel_index: delivery.channelIndex,
    status: delivery.status,
    level: delivery.level,
    state: delivery.state,
    attempts: JSON.stringify(delivery.attempts),
    attempt_count: delivery.attemptCount,
    reason: delivery.reason,
    message: delivery.state === "queued" ? JSON.stringify({ locale, target, alerts, traceparent }) : null,
    created_at: delivery.createdAt,
    updated_at: nowMs,
  };
}

/** A queued row as it was when `toRow` wrote it. */
export function toDelivery(row: NotificationRow): Delivery {
  return {
    id: row.id,
    eventId: row.event_id,
    alertId: row.alert_id,
    contactId: row.contact_id,
    contactName: row.contact_name,
    channel: row.channel,
    channelIndex: row.channel_index,
    status: row.status as Delivery["status"],
    level: toLevel(row.level),
    state: row.state as Delivery["state"],
    reason: row.reason,
    attempts: JSON.parse(row.attempts),
    attemptCount: row.attempt_count,
    createdAt: row.created_at,
    ...(JSON.parse(row.message ?? "{}") as Pick<Delivery, "locale" | "target" | "alerts" | "traceparent">),
  };
}

export function toLevel(text: string): Delivery["level"] {
  return alertLevels.find((level) => level === text) ?? "critical";
}
