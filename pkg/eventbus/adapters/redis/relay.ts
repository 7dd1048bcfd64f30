import { setTimeout as pause } from "node:timers/promises";
import { AppError, messageOf } from "#pkg/errors/errors.ts";
import type { Logger } from "#pkg/logger/port.ts";
import type { LoggedEvent } from "../../tables.ts";
import type { Streams } from "./streams.ts";

const batchEvents = 500;
/** Committed events that wait in memory; beyond it they are read from the table. */
const waitingEvents = 10_000;
/** Another node's events are found by looking. */
const lookEveryMs = 200;
const afterFailureMs = 300;

export interface RelayDeps {
  log: Logger;
  streams(): Streams;
  /** Grows each time the connection is new: the server may be another or an older one then. */
  epoch(): number;
  isUp(): boolean;
  /** Whether this node is the one that relays. */
  isMine(): boolean;
  read(afterSeq: number, limit: number): Promise<LoggedEvent[]>;
  /** Where a server that knows nothing begins: the slowest group's position. */
  start(): Promise<number>;
  /** Last committed place. */
  lastSeq(): Promise<number>;
  /** The server holds a log of another future (the database was restored): a new one is begun. */
  renew(): Promise<void>;
  now(): number;
}

/** Moves events from the outbox's table to the server, in order; twice does nothing. */
export interface EventRelay {
  committed(events: readonly LoggedEvent[]): void;
  /** There may be something to do. */
  nudge(): void;
  /** What the server says against it, and since when. */
  fault(): { detail: string; sinceMs: number } | undefined;
  close(): Promise<void>;
}

/** Relays until it is closed. */
export function openRelay(deps: RelayDeps): EventRelay {
  let waiting: LoggedEvent[] = [];
  let closed = false;
  let wake = () => {};
  let fault: { detail: string; sinceMs: number } | undefined;
  let place: { epoch: number; position: number } | undefined;

  const rest = (ms: number) =>
    new Promise<void>((resolve) => {
      wake = resolve;
      const timer = setTimeout(resolve, ms);
      timer.unref();
    });

  /** Where to go on: the server itself knows how far it is. */
  const locate = async (): Promise<number> => {
    const relayed = await deps.streams().relayed();
    if (relayed > (await deps.lastSeq())) await deps.renew();
    else if (relayed >= 0) return relayed;
    const start = await deps.start();
    await deps.streams().begin(start);
    return deps.streams().relayed();
  };

  const nextBatch = async (position: number): Promise<readonly LoggedEvent[]> => {
    while ((waiting[0]?.seq ?? Number.POSITIVE_INFINITY) <= position) waiting.shift();
    let length = 0;
    while (length < batchEvents && waiting[length]?.seq === position + 1 + length) length++;
    // A gap: another node's events, or places that were given to nobody.
    return length > 0 ? waiting.splice(0, length) : deps.read(position, batchEvents);
  };

  const step = async () => {
    const epoch = deps.epoch();
    if (place?.epoch !== epoch) place = { epoch, position: await locate() };
    const batch = await nextBatch(place.position);
    const last = batch.at(-1)?.seq;
    if (last === undefined) {
      fault = undefined;
      // What was committed while the table was read is there at the next look.
      return waiting.splice(0).length > 0 ? undefined : rest(lookEveryMs);
    }
    if (await deps.streams().append(batch, place.position)) {
      place.position = last;
      fault = undefined;
    } else place = undefined;
  };

  const run = async () => {
    while (!closed) {
      if (!deps.isUp() || !deps.isMine()) {
        [place, fault] = [undefined, undefined]; // what keeps another node from relaying is told by that one
        await rest(lookEveryMs);
        continue;
      }
      try {
        await step();
      } catch (error) {
        place = undefined;
        const detail = error instanceof AppError ? error.message : messageOf(error);
        if (detail !== fault?.detail) deps.log.warn({ error: detail }, "events cannot be relayed, trying again");
        fault = { detail, sinceMs: fault?.sinceMs ?? deps.now() };
        await pause(afterFailureMs);
      }
    }
  };
  const running = run();

  return {
    committed(events) {
      if (!deps.isMine()) return;
      if (waiting.length > waitingEvents) waiting = [];
      for (const event of events) waiting.push(event);
      wake();
    },
    nudge: () => wake(),
    fault: () => fault,
    async close() {
      closed = true;
      wake();
      await running;
    },
  };
}
