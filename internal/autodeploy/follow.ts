import type { Clock } from "#pkg/clock/port.ts";
import type { DomainEvent, EventMap } from "#pkg/contracts/events.ts";
import type { EventBus } from "#pkg/eventbus/port.ts";
import type { Logger } from "#pkg/logger/port.ts";
import type { Rollouts } from "./contract.ts";

export interface FollowDeps {
  bus: Pick<EventBus, "subscribe">;
  rollouts: Pick<Rollouts, "reconcile">;
  /** Telegraf is there and can be given something to read. */
  isReady(): boolean;
  clock: Clock;
  log: Logger;
}

/** Keeps what Telegraf reads in step with what the inventory says. */
export interface Follower {
  /** Something that is no event changed (Telegraf came, the configuration was reloaded, the node started). */
  nudge(reason: string): void;
  close(): Promise<void>;
}

/** Changes that come within this time make one rollout. */
const gatherMs = 1500;
/** Moves to these states follow from a rollout, a scan or the samples; they change nothing of what should be read. */
const restingStates = new Set(["discovered", "validated", "deployed", "online", "silent", "vanished"]);

/**
 * Closes the loop without a click: every accepted, paused, resumed, rejected or removed device leads to one
 * reconciliation. One runs at a time; what changes meanwhile leads to the next one.
 */
export function openFollower({ bus, rollouts, isReady, clock, log }: FollowDeps): Follower {
  let reason: string | undefined;
  let running: Promise<void> | undefined;
  let takeBack: (() => void) | undefined;
  let closed = false;

  const work = async () => {
    const why = reason ?? "";
    reason = undefined;
    try {
      await rollouts.reconcile("autodeploy", why);
    } catch (error) {
      log.error({ error }, "a rollout could not be made; the next change tries again");
    }
    running = undefined;
    if (reason !== undefined) schedule();
  };
  const schedule = () => {
    takeBack ??= clock.after(gatherMs, () => {
      takeBack = undefined;
      if (!closed && isReady()) running ??= work();
    });
  };
  const nudge = (why: string) => {
    reason ??= why;
    schedule();
  };
  const subscription = bus.subscribe("autodeploy", ["device.accepted", "device.changed"], async (event) => {
    if (changesWhatIsRead(event)) nudge(`${event.type} ${event.key}`);
  });
  return {
    nudge,
    async close() {
      closed = true;
      takeBack?.();
      await subscription.close();
      await running;
    },
  };
}

/** A change within one state is one of tags, readings or a pause. */
function changesWhatIsRead({ type, data }: DomainEvent): boolean {
  if (type !== "device.changed") return true;
  const { from, to } = data as EventMap["device.changed"]; // the type says which data it is
  return from === to || !restingStates.has(to);
}
