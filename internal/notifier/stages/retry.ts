import type { TSchema } from "typebox";
import type { NotifierPlugin, SendResult } from "#pkg/contracts/notifier.ts";
import { messageOf } from "#pkg/errors/errors.ts";
import type { NotificationAttempt } from "../contract.ts";
import { type Delivery, suppress } from "../delivery.ts";
import { toMessage } from "../message.ts";
import type { Batch, StageContext } from "../stage.ts";

const keptAttempts = 50;
const maxDetail = 1000;

/** One attempt each. What fails stays queued when the plugin says that another attempt may help and there is time for one. */
export async function retry(batch: Batch, context: StageContext): Promise<Batch> {
  const deliveries = batch.deliveries.map((delivery) => attemptOnce(delivery, context));
  return { ...batch, deliveries: await Promise.all(deliveries) };
}

async function attemptOnce(stored: Delivery, context: StageContext): Promise<Delivery> {
  const delivery = stored.attemptCount === 0 ? stored : await asContactIsNow(stored, context);
  if (delivery.state !== "queued") return delivery;
  // The beginning may have failed for good while its end waited behind it.
  if (delivery.status === "resolved" && !(await context.store.wasSent(delivery))) {
    return suppress(delivery, "firing was never told");
  }
  const plugin = context.plugin(delivery.channel);
  const at = context.clock.now();
  const result = plugin ? await send(plugin, delivery, context) : missing(delivery.channel);
  const detail = redact(result.detail, delivery, plugin?.target).slice(0, maxDetail);
  const attempts = [...delivery.attempts, { at, status: String(result.status), detail }];
  return {
    ...delivery,
    attempts: attempts.length > keptAttempts ? withoutSecond(attempts) : attempts,
    attemptCount: delivery.attemptCount + 1,
    ...outcome(result, detail, context.clock.now() - delivery.createdAt, context.giveUpAfterMs()),
  };
}

/** While a message waits its contact may be corrected, switched off or removed. */
async function asContactIsNow(delivery: Delivery, { contacts }: StageContext): Promise<Delivery> {
  const address = (await contacts.channels(delivery.contactId)).find(
    (one) => one.channelIndex === delivery.channelIndex && one.channel.type === delivery.channel,
  );
  if (!address) return suppress(delivery, "the contact or its channel was removed while the message waited");
  if (!address.contact.active) return suppress(delivery, "the contact was switched off while the message waited");
  return { ...delivery, target: address.channel.settings };
}

function outcome(
  result: SendResult,
  detail: string,
  ageMs: number,
  limitMs: number,
): Pick<Delivery, "state" | "reason"> {
  if (result.delivered) return { state: "sent", reason: null };
  const words = `${result.status} ${detail}`.trim();
  if (!result.retryable) return { state: "failed", reason: `refused: ${words}` };
  if (ageMs < limitMs) return { state: "queued", reason: `will be tried again after: ${words}` };
  return { state: "failed", reason: `given up after ${Math.round(ageMs / 1000)} s: ${words}` };
}

/** A plugin that throws, hangs or ignores its signal is an attempt that failed and may be repeated. */
async function send(plugin: NotifierPlugin, delivery: Delivery, context: StageContext): Promise<SendResult> {
  const timeoutMs = context.attemptTimeoutMs();
  const timeout = AbortSignal.timeout(timeoutMs);
  const signal = AbortSignal.any([timeout, context.ending]);
  try {
    return await Promise.race([plugin.send(toMessage(delivery, context.externalUrl()), signal), aborted(signal)]);
  } catch (error) {
    if (timeout.aborted) return failure("timeout", `no answer within ${timeoutMs} ms`);
    const code = (error as { code?: unknown }).code;
    return failure(typeof code === "string" ? code : "error", messageOf(error));
  }
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason);
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
}

function missing(type: string): SendResult {
  return failure("no notifier", `the notifier "${type}" is not there or switched off`);
}

function failure(status: string, detail: string): SendResult {
  return { delivered: false, status, detail, retryable: true };
}

/** The other side may repeat what it was sent: secrets of the channel do not go into the record. */
function redact(text: string, delivery: Delivery, target: TSchema | undefined): string {
  const { properties = {} } = (target ?? {}) as { properties?: Record<string, { secret?: boolean }> };
  let redacted = text;
  for (const [key, { secret }] of Object.entries(properties)) {
    const value = delivery.target[key];
    if (secret && typeof value === "string" && value !== "") redacted = redacted.replaceAll(value, "[redacted]");
  }
  return redacted;
}

/** Keeps the first attempt and the newest. */
function withoutSecond(attempts: readonly NotificationAttempt[]): NotificationAttempt[] {
  return attempts.filter((_, index) => index !== 1);
}
