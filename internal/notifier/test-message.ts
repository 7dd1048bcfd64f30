import { v7 } from "uuid";
import type { Recipient } from "#internal/contacts/contract.ts";
import type { SendResult } from "#pkg/contracts/notifier.ts";
import type { Delivery } from "./delivery.ts";
import { toTestAlert } from "./message.ts";
import { deliver } from "./pipeline.ts";
import type { StageContext } from "./stage.ts";

/** Sends a test to every channel of a contact, side by side: one attempt each, recorded like any other, never repeated. */
export async function sendTests(
  recipients: readonly Recipient[],
  by: string,
  context: StageContext,
): Promise<{ channel: string; result: SendResult }[]> {
  const testId = v7();
  const deliveries = recipients.map((recipient) => toTest(recipient, testId, by, context));
  await context.store.insert(deliveries);
  const once = { ...context, giveUpAfterMs: () => 0 };
  return Promise.all(
    deliveries.map(async (delivery) => {
      const { deliveries: after } = await deliver({ event: null, deliveries: [delivery] }, once);
      return { channel: delivery.channel, result: toResult(after[0] ?? delivery) };
    }),
  );
}

function toTest(
  { contact, channel, channelIndex }: Recipient,
  testId: string,
  by: string,
  context: StageContext,
): Delivery {
  const nowMs = context.clock.now();
  return {
    id: v7(),
    eventId: testId,
    alertId: "",
    contactId: contact.id,
    contactName: contact.name,
    locale: contact.locale,
    channel: channel.type,
    channelIndex,
    target: channel.settings,
    status: "test",
    level: "info",
    alerts: [toTestAlert(by, nowMs, context.externalUrl())],
    state: "queued",
    reason: null,
    attempts: [],
    attemptCount: 0,
    createdAt: nowMs,
  };
}

function toResult({ state, attempts }: Delivery): SendResult {
  const { status, detail } = attempts.at(-1) ?? { status: "error", detail: "no attempt was made" };
  if (state === "sent") return { delivered: true, status, detail };
  return { delivered: false, status, detail, retryable: false };
}
