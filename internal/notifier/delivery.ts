import type { AlertLevel } from "#pkg/contracts/alerting.ts";
import type { AlertEventData, DomainEvent } from "#pkg/contracts/events.ts";
import type { NotificationMessage, NotifiedAlert } from "#pkg/contracts/notifier.ts";
import type { Notification, NotificationAttempt } from "./contract.ts";

/** The events that people are told of. */
export const alertEventTypes = ["alert.opened", "alert.level_changed", "alert.closed"] as const;
export type AlertEvent = DomainEvent<(typeof alertEventTypes)[number]> & { data: AlertEventData };

/** One message to one address on its way, from the event to its end. */
export interface Delivery {
  /** Row id and delivery id. */
  id: string;
  eventId: string;
  alertId: string;
  contactId: string;
  contactName: string;
  locale: NotificationMessage["locale"];
  /** The notifier plugin's id. */
  channel: string;
  channelIndex: number;
  /** The channel's settings as the plugin takes them. */
  target: Readonly<Record<string, unknown>>;
  status: Notification["status"];
  /** What is told, or at the end what was told before. */
  level: AlertLevel;
  /** What the message says; empty until `dedupe` knows what was told before. */
  alerts: readonly NotifiedAlert[];
  state: Notification["state"];
  reason: string | null;
  /** At most `keptAttempts`: the first and the newest. */
  attempts: readonly NotificationAttempt[];
  attemptCount: number;
  createdAt: number;
  /** The trace that led to it. */
  traceparent?: string | null;
}

/** What one alert's addresses were told last; those that were told nothing are not in it. */
export interface Told {
  contactId: string;
  channelIndex: number;
  status: Notification["status"];
  level: AlertLevel;
}

/**
 * Messages of one order: events with the same lane go out one after the other. Receivers know an alert by its
 * fingerprint: the beginning of a new record must not overtake the end of the one before.
 */
export function laneOf(delivery: Pick<Delivery, "alertId" | "alerts" | "contactId" | "channelIndex">): string {
  return `${delivery.alerts[0]?.fingerprint ?? delivery.alertId}/${channelOf(delivery)}`;
}

/** One address: one that is dead delays no other. */
export function channelOf({ contactId, channelIndex }: Pick<Delivery, "contactId" | "channelIndex">): string {
  return `${contactId}/${channelIndex}`;
}

/** Takes the message out, with the reason that people will read. */
export function suppress(delivery: Delivery, reason: string): Delivery {
  return { ...delivery, state: "suppressed", reason };
}
