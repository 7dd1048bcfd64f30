import type { Contacts } from "#internal/contacts/contract.ts";
import type { Clock } from "#pkg/clock/port.ts";
import { parseDuration } from "#pkg/config/duration.ts";
import type { NotifierPlugin } from "#pkg/contracts/notifier.ts";
import { AppError } from "#pkg/errors/errors.ts";
import type { EventBus, Outbox } from "#pkg/eventbus/port.ts";
import type { Logger } from "#pkg/logger/port.ts";
import type { SqlClient } from "#pkg/sql/port.ts";
import type { Tracer } from "#pkg/telemetry/port.ts";
import { pauseAfter } from "./backoff.ts";
import type { NotifierConfig } from "./config.ts";
import type { Notifier } from "./contract.ts";
import { alertEventTypes, type Delivery } from "./delivery.ts";
import { takeEvent } from "./intake.ts";
import { createLanes, type Lanes } from "./lanes.ts";
import { listNotifications, readNotification } from "./list.ts";
import { deliver } from "./pipeline.ts";
import { startTrimming } from "./retention.ts";
import type { SilenceList } from "./silenced.ts";
import type { StageContext } from "./stage.ts";
import { createNotificationStore } from "./store.ts";
import { sendTests } from "./test-message.ts";

export interface NotifierDeps {
  sql: SqlClient;
  outbox: Outbox;
  bus: EventBus;
  clock: Clock;
  log: Logger;
  contacts: Pick<Contacts, "recipients" | "channels">;
  /** Only to tell people until when an alert is silenced. */
  silences: SilenceList;
  /** The notifier plugin of a channel's type, as it is configured now. */
  plugin(type: string): NotifierPlugin | undefined;
  /** Base address of this node's pages now. */
  externalUrl(): string;
  alertUrl(alertId: string): string;
  /** As it is in use now. */
  config(): NotifierConfig;
  /** Throws while another node may have taken over: nothing is sent then, and no attempt recorded. */
  guard?(): void;
  /** Runs each attempt as a piece of the trace of its event. */
  inSpan?: Tracer["inSpan"];
  /** 0 ≤ x < 1; spreads the pauses between attempts. */
  random?: () => number;
}

export interface OpenNotifier extends Notifier {
  /** Messages that wait, and the bound. */
  backlog(): { waiting: number; limit: number };
  /** Degraded while a channel cannot be reached or the queue is nearly full. */
  health(): { status: "ok" | "degraded"; detail: string };
  /** Takes no new events, gives what is under way `graceMs`, then leaves it queued for the next start. */
  close(graceMs?: number): Promise<void>;
}

/** Takes up what a node before us left queued, then listens to the alerts. */
export async function openNotifier(deps: NotifierDeps): Promise<OpenNotifier> {
  const { sql, bus, config } = deps;
  const closing = new AbortController();
  const ending = new AbortController();
  const context = toContext(deps, ending.signal, () => lanes);
  const lanes: Lanes = toLanes(deps, context);
  lanes.add(await context.store.leftQueued());
  const stopTrimming = startTrimming(deps, () => parseDuration(config().keep_records));
  const subscription = bus.subscribe("notifier", alertEventTypes, (event) => takeEvent(event, context, closing.signal));
  return {
    get: (id) => readNotification(sql, id),
    list: (query) => listNotifications(sql, query),
    async test(contactId, by) {
      const recipients = await deps.contacts.channels(contactId);
      if (recipients.length > 0) return sendTests(recipients, by, context);
      throw new AppError("not_found", {
        message: `there is no contact ${contactId}, or it has no channel`,
        mend: "GET /api/v1/contacts lists them",
      });
    },
    backlog: () => ({ waiting: lanes.waiting(), limit: config().queue_limit }),
    health: () => healthOf(lanes, config().queue_limit),
    async close(graceMs = 3000) {
      closing.abort();
      stopTrimming();
      await subscription.close();
      const giveUp = setTimeout(() => ending.abort(new Error("the node is ending")), graceMs);
      await lanes.close();
      clearTimeout(giveUp);
    },
  };
}

const nearlyFull = 0.8;

function healthOf(lanes: Lanes, limit: number): ReturnType<OpenNotifier["health"]> {
  const [waiting, failing] = [lanes.waiting(), lanes.failingChannels()];
  const detail = `${waiting} of at most ${limit} messages wait; ${failing} channels cannot be reached`;
  return { status: failing > 0 || waiting > nearlyFull * limit ? "degraded" : "ok", detail };
}

function toContext(deps: NotifierDeps, ending: AbortSignal, lanes: () => Lanes): StageContext {
  const { config } = deps;
  let held = 0;
  return {
    contacts: deps.contacts,
    silences: deps.silences,
    store: createNotificationStore(deps),
    plugin: deps.plugin,
    clock: deps.clock,
    log: deps.log,
    externalUrl: deps.externalUrl,
    alertUrl: deps.alertUrl,
    attemptTimeoutMs: () => parseDuration(config().attempt_timeout),
    giveUpAfterMs: () => parseDuration(config().give_up_after),
    queueLimit: () => config().queue_limit,
    waiting: () => lanes().waiting() + held,
    hold(count) {
      held += count;
      return () => {
        held -= count;
      };
    },
    send: (deliveries) => lanes().add(deliveries),
    ending,
  };
}

function toLanes(deps: NotifierDeps, context: StageContext): Lanes {
  const { clock, log, config, guard, inSpan, random = Math.random } = deps;
  return createLanes({
    clock,
    concurrency: () => config().concurrency,
    pauseMs(attemptCount) {
      const { retry_first, retry_longest } = config();
      return pauseAfter(attemptCount, parseDuration(retry_first), parseDuration(retry_longest), random);
    },
    attempt: traced(inSpan, async (delivery) => {
      try {
        guard?.();
        const { deliveries } = await deliver({ event: null, deliveries: [delivery] }, context);
        return deliveries[0] ?? delivery;
      } catch (error) {
        log.error({ delivery: delivery.id, error }, "the attempt could not be made or recorded: it is repeated");
        return { ...delivery, attemptCount: delivery.attemptCount + 1 };
      }
    }),
  });
}

type Attempt = (delivery: Delivery) => Promise<Delivery>;

function traced(inSpan: NotifierDeps["inSpan"], attempt: Attempt): Attempt {
  if (!inSpan) return attempt;
  return (delivery) => inSpan("notify", { parent: delivery.traceparent ?? null }, () => attempt(delivery));
}
