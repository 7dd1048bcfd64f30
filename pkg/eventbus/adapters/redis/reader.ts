import { setTimeout as pause } from "node:timers/promises";
import type { EventType } from "#pkg/contracts/events.ts";
import { messageOf } from "#pkg/errors/errors.ts";
import type { Logger } from "#pkg/logger/port.ts";
import { partOf } from "../../parts.ts";
import type { LoggedEvent } from "../../tables.ts";
import { type HeldPart, takeDelivered, takeRepeats } from "./part.ts";
import type { Streams } from "./streams.ts";

const pageEvents = 500;
/** A blocking read ends after this, so that new parts are read too. Shorter than the link's patience (2 s). */
const blockMs = 500;
const restMs = 20;
const afterFailureMs = 200;

export interface PartReaderDeps {
  group: string;
  log: Logger;
  /** Over a connection of its own. */
  streams(): Streams;
  /** Number of the connection, and whether it is there. */
  epoch(): number;
  isUp(): boolean;
  /** Closes the connection: a read that blocks ends. */
  hangUp(): Promise<void>;
  types: ReadonlySet<EventType>;
  parts: ReadonlyMap<number, HeldPart>;
  hasRoom(): boolean;
  readTable(afterSeq: number, limit: number): Promise<LoggedEvent[]>;
  push(events: readonly LoggedEvent[]): void;
  /** Something was delivered that needs no handler. */
  dirty(): void;
}

/** Reads a group's parts until it is closed. */
export function openPartReader(deps: PartReaderDeps): { close(): Promise<void> } {
  let closed = false;

  /** A page of what comes again after a replay. */
  const readRepeats = async (held: HeldPart) => {
    const { progress, part, repeatTo } = held;
    const page = await deps.readTable(progress.loadedTo, pageEvents);
    const mine = page.filter(({ seq, event }) => seq <= repeatTo && partOf(event.key) === part);
    deps.push(takeRepeats(held, mine, deps.types));
    progress.loadedTo = page.length < pageEvents ? repeatTo : Math.min(repeatTo, page.at(-1)?.seq ?? repeatTo);
  };

  /** Reads what a part has before new entries. False: there is no room for all of it now. */
  const prepare = async (held: HeldPart, epoch: number): Promise<boolean> => {
    const { progress, part } = held;
    const streams = deps.streams();
    await streams.ensureGroup(deps.group, part, progress.position());
    while (progress.loadedTo < held.repeatTo) {
      if (!deps.hasRoom()) return false;
      await readRepeats(held);
    }
    // Handed out before, to us or to a node that died: it comes only to those who ask for it by place.
    for (let after = progress.position(); ; ) {
      const page = await streams.readPending(deps.group, part, after, pageEvents);
      deps.push(takeDelivered(held, page, deps.types));
      after = page.entries.at(-1)?.seq ?? after;
      if (page.entries.length < pageEvents) break;
    }
    held.readyIn = epoch;
    return true;
  };

  const step = async () => {
    const epoch = deps.epoch();
    const parts = [...deps.parts.values()].filter((held) => !held.releasing);
    for (const held of parts) if (held.readyIn !== epoch && !(await prepare(held, epoch))) return pause(restMs);
    if (parts.length === 0 || !deps.hasRoom()) return pause(restMs);
    const numbers = parts.map(({ part }) => part);
    for (const delivered of await deps.streams().readNew(deps.group, numbers, pageEvents, blockMs)) {
      const held = deps.parts.get(delivered.part);
      // Lost meanwhile: they stay handed out, and whoever has the part asks for them.
      if (held && parts.includes(held)) deps.push(takeDelivered(held, delivered, deps.types));
    }
    deps.dirty();
    return undefined;
  };

  const run = async () => {
    while (!closed) {
      if (!deps.isUp()) {
        await pause(restMs);
        continue;
      }
      try {
        await step();
      } catch (error) {
        for (const held of deps.parts.values()) held.readyIn = -1; // the server may be empty now
        deps.log.debug({ group: deps.group, error: messageOf(error) }, "events cannot be read, trying again");
        await pause(afterFailureMs);
      }
    }
  };
  const running = run();
  return {
    async close() {
      closed = true;
      await deps.hangUp();
      await running;
    },
  };
}
