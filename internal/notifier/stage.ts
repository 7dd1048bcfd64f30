import type { Contacts } from "#internal/contacts/contract.ts";
import type { Clock } from "#pkg/clock/port.ts";
import type { NotifierPlugin } from "#pkg/contracts/notifier.ts";
import type { Logger } from "#pkg/logger/port.ts";
import type { AlertEvent, Delivery } from "./delivery.ts";
import type { SilenceList } from "./silenced.ts";
import type { NotificationStore } from "./store.ts";

/** Messages that go through the stages together. `event` is what caused them; null once they are on their way. */
export interface Batch {
  event: AlertEvent | null;
  deliveries: readonly Delivery[];
}

/** What stages use of the world. */
export interface StageContext {
  contacts: Pick<Contacts, "recipients" | "channels">;
  silences: SilenceList;
  store: NotificationStore;
  plugin(type: string): NotifierPlugin | undefined;
  clock: Clock;
  log: Logger;
  /** Base address of this node's pages, and of one alert's page. */
  externalUrl(): string;
  alertUrl(alertId: string): string;
  attemptTimeoutMs(): number;
  giveUpAfterMs(): number;
  queueLimit(): number;
  /** Messages that wait now, and those that are being stored to wait. */
  waiting(): number;
  /** Counts messages as waiting until the answer is called. */
  hold(count: number): () => void;
  /** Sets stored messages going; those that are on their way stay as they are. */
  send(deliveries: readonly Delivery[]): void;
  /** Fires when the node ends: what is under way then stays queued. */
  ending: AbortSignal;
}

/** One step. A stage that drops a message suppresses it with a reason; it never takes it out of the batch. */
export type Stage = (batch: Batch, context: StageContext) => Promise<Batch>;

/** Stages in a row, as one. */
export function stages(...steps: readonly Stage[]): Stage {
  return async (batch, context) => {
    let result = batch;
    for (const step of steps) result = await step(result, context);
    return result;
  };
}

/** The batch with `change` applied to what is still to go out. */
export function changeQueued(batch: Batch, change: (delivery: Delivery) => Delivery): Batch {
  return {
    ...batch,
    deliveries: batch.deliveries.map((delivery) => (delivery.state === "queued" ? change(delivery) : delivery)),
  };
}
