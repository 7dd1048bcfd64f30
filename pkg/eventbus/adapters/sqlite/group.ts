import type { Clock } from "#pkg/clock/port.ts";
import type { EventType } from "#pkg/contracts/events.ts";
import type { Logger } from "#pkg/logger/port.ts";
import type { Handler } from "../../port.ts";
import type { LoggedEvent } from "../../tables.ts";
import { type Attempted, createAttempt } from "./attempt.ts";
import { createLanes, type Lanes } from "./lanes.ts";
import { createProgress } from "./progress.ts";
import { createReader, pageEvents, type Reader } from "./reader.ts";
import type { GroupChange, GroupStanding } from "./store.ts";

/** Events of one group in memory: waiting, and done ahead of a key that fails. Beyond it the table keeps them. */
const windowEvents = 10_000;
const aheadEvents = 100_000;
const concurrentKeys = 64;

export interface GroupDeps {
  name: string;
  standing: GroupStanding;
  /** Not on disk yet. */
  isNew: boolean;
  clock: Clock;
  log: Logger;
  /** Last committed place in the log. */
  lastSeq(): number;
  read(afterSeq: number, limit: number): Promise<LoggedEvent[]>;
  /** Something is to be written by `change`. */
  dirty(): void;
}

/** One consumer group: what it has in hand, how far it is, what it gave up. */
export interface Group {
  readonly name: string;
  /** Starts handing events to `handler`, from memory at once or after `countBacklog` has told what waits in the log. */
  open(types: readonly EventType[], handler: Handler, countBacklog: () => Promise<number>): Promise<void>;
  /** Stops after the handlers under way; what waits stays in the log. */
  close(): Promise<void>;
  isOpen(): boolean;
  wants(type: EventType): boolean;
  backlog(): number;
  committed(events: readonly LoggedEvent[]): void;
  /** What has changed since the last write; undefined when nothing has. One of the two is called when it has ended. */
  change(): { change: GroupChange; written(): void; failed(): void } | undefined;
  position(): number;
}

/** What runs while a handler is subscribed. */
interface Session {
  lanes: Lanes<Attempted>;
  reader: Reader;
}

/** A group that stands at `standing`, closed at first. */
export function createGroup(deps: GroupDeps): Group {
  const { name, clock, log } = deps;
  const progress = createProgress(deps.standing);
  let types: ReadonlySet<EventType> = new Set();
  let subscribed: Handler | undefined;
  let session: Session | undefined;
  let backlog = 0;
  let dead: GroupChange["dead"] = [];
  let changed = deps.isNew;
  const hasRoom = (events: number) => progress.inHand() + events <= windowEvents && progress.ahead() < aheadEvents;

  const take = (events: readonly LoggedEvent[], upTo: number) => {
    for (const { seq, event } of events) {
      if (types.has(event.type) && progress.take(seq)) session?.lanes.push(event.key, { seq, event, attempts: 0 });
    }
    progress.loadedTo = Math.max(progress.loadedTo, upTo);
  };

  const done = (seq: number) => {
    progress.done(seq);
    backlog--;
    changed = true;
    deps.dirty();
    if (progress.loadedTo < deps.lastSeq() && hasRoom(pageEvents)) session?.reader.catchUp();
  };

  const openSession = (handler: Handler): Session => {
    const bury = ({ seq, event, attempts }: Attempted, error: string) => {
      dead = [...dead, { logged: { seq, event }, error, attempts, at: clock.now() }];
    };
    const work = createAttempt({ group: name, log, handler, done, dead: bury });
    const reader = createReader({ ...deps, loadedTo: () => progress.loadedTo, hasRoom, take });
    return { lanes: createLanes({ limit: concurrentKeys, clock, work }), reader };
  };

  return {
    name,
    async open(nextTypes, handler, countBacklog) {
      types = new Set(nextTypes);
      subscribed = handler;
      backlog = 0;
      // Nothing is handled while it is counted, so that nothing is counted twice.
      if (progress.loadedTo < deps.lastSeq()) backlog += await countBacklog();
      if (subscribed !== handler) return;
      session = openSession(handler);
      session.reader.catchUp();
    },
    async close() {
      const closing = session;
      session = undefined;
      closing?.reader.stop();
      await closing?.lanes.stop();
      subscribed = undefined;
      progress.rewind();
    },
    isOpen: () => subscribed !== undefined,
    wants: (type) => types.has(type),
    backlog: () => Math.max(0, backlog),
    committed(events) {
      for (const { event } of events) if (types.has(event.type)) backlog++;
      const inOrder = !session?.reader.isReading() && progress.loadedTo + 1 === events[0]?.seq;
      if (session && inOrder && hasRoom(events.length)) take(events, events.at(-1)?.seq ?? 0);
      else session?.reader.catchUp();
    },
    change() {
      if (!changed) return undefined;
      changed = false;
      const letters = dead;
      const position = progress.position();
      const acked = progress.unwritten();
      return {
        change: { name, position, acked, dead: letters },
        written() {
          progress.written(acked);
          dead = dead.slice(letters.length);
        },
        failed() {
          changed = true;
        },
      };
    },
    position: () => progress.position(),
  };
}
