import { v7 } from "uuid";
import type { Recipient } from "#internal/contacts/contract.ts";
import { type AlertEvent, channelOf, type Delivery } from "../delivery.ts";
import type { Batch, StageContext } from "../stage.ts";

/** One message for each address that should hear of the event, and for each that was told before and must hear of the end. */
export async function route(batch: Batch, context: StageContext): Promise<Batch> {
  const { event } = batch;
  if (!event) return batch;
  const { labels, level, alertId } = event.data;
  const now = await context.contacts.recipients({ ...labels, severity: level });
  const status = event.type === "alert.closed" ? ("resolved" as const) : ("firing" as const);
  const deliveries = now.map((recipient) => toDelivery(event, recipient, status, context.clock.now()));
  const reached = new Set(deliveries.map(channelOf));
  const told = (await context.store.told(alertId)).filter((one) => one.status === "firing");
  for (const left of told.filter((one) => !reached.has(channelOf(one)))) {
    const address = (await context.contacts.channels(left.contactId)).find(
      (one) => one.channelIndex === left.channelIndex,
    );
    // Who was removed or switched off is told nothing more, not even the end.
    if (address?.contact.active) deliveries.push(toDelivery(event, address, "resolved", context.clock.now()));
  }
  return { ...batch, deliveries };
}

function toDelivery(
  event: AlertEvent,
  { contact, channel, channelIndex }: Recipient,
  status: "firing" | "resolved",
  nowMs: number,
): Delivery {
  return {
    id: v7(),
    eventId: event.id,
    alertId: event.data.alertId,
    contactId: contact.id,
    contactName: contact.name,
    locale: contact.locale,
    channel: channel.type,
    channelIndex,
    target: channel.settings,
    status,
    level: event.data.level,
    alerts: [],
    state: "queued",
    reason: null,
    attempts: [],
    attemptCount: 0,
    createdAt: nowMs,
    traceparent: event.traceparent,
  };
}
