import type { Clock } from "#pkg/clock/port.ts";
import type { EventType } from "#pkg/contracts/events.ts";
import type { Logger } from "#pkg/logger/port.ts";
import type { GroupChange, GroupStanding } from "../../store/groups.ts";
import type { ResentLetter } from "../../store/letters.ts";
import type { LoggedEvent } from "../../tables.ts";
import { createLedger, type Ledger } from "../../work/ledger.ts";
import { createProgress, type Progress } from "../../work/progress.ts";
import { createWorker, type Subscriber, type Worker, type WorkerDeps } from "../../work/worker.ts";
import { createReader, pageEvents, type Reader } from "./reader.ts";

/** Events of one group in memory: waiting, and done ahead of a key that fails. Beyond it the table keeps them. */
const windowEvents = 10_000;
const aheadEvents = 100_000;

export interface GroupDeps {
  name: string;
  standing: GroupStanding;
  /** Not on disk yet. */
  isNew: boolean;
  clock: Clock;
  log: Logger;
  /** Last committed place in the log. */
  lastSeq(): number;
  claim: WorkerDeps["claim"];
  read(afterSeq: number, limit: number): Promise<LoggedEvent[]>;
  /** Something is to be written by `change`. */
  dirty(): void;
}

/** One consumer group: what it has in hand, how far it is, what it gave up. */
export interface Group {
  readonly name: string;
  /** Starts handing events on, from memory at once or after `countBacklog` has told what waits in the log. */
  open(subscriber: Subscriber, countBacklog: () => Promise<number>): Promise<void>;
  /** Stops after the handlers under way; what waits stays in the log. */
  close(): Promise<void>;
  /** Who is subscribed; undefined when nobody is. */
  subscriber(): Subscriber | undefined;
  wants(type: EventType): boolean;
  /** Events that are not done; `counted` leaves out the repeats of a replay. */
  backlog(): { all: number; counted: number };
  expired(): number;
  committed(events: readonly LoggedEvent[]): void;
  /** Dead letters that were sent again; each is taken once. */
  resend(letters: readonly ResentLetter[]): void;
  /** Goes back, while closed; all that was there before now is a repeat. */
  setBack(position: number): void;
  /** What has changed since the last write; undefined when nothing has. One of the two is called when it has ended. */
  change(): { change: GroupChange; written(): void; failed(): void } | undefined;
  position(): number;
  /** Events done beyond the position: they cost a row each to write. */
  ahead(): number;
}

/** What runs while a handler is subscribed. */
interface Session {
  worker: Worker;
  reader: Reader;
}

/** A group that stands at `standing`, closed at first. */
export function createGroup(deps: GroupDeps): Group {
  const progress = createProgress(deps.standing);
  const ledger = createLedger(deps.standing.attempts);
  let types: ReadonlySet<EventType> = new Set();
  let subscribed: Subscriber | undefined;
  let session: Session | undefined;
  let [backlog, repeats, repeatTo] = [0, 0, 0];
  let changed = deps.isNew;
  const ahead = () => {
    progress.position();
    return progress.ahead();
  };
  const hasRoom = (events: number) => progress.inHand() + events <= windowEvents && ahead() < aheadEvents;
  const dirty = () => {
    changed = true;
    deps.dirty();
  };

  const take = (events: readonly LoggedEvent[], upTo: number) => {
    for (const logged of events) {
      if (types.has(logged.event.type) && progress.take(logged.seq)) session?.worker.push(logged);
    }
    progress.loadedTo = Math.max(progress.loadedTo, upTo);
  };

  const done = ({ seq }: LoggedEvent) => {
    if (!progress.done(seq)) return; // ended after its session: it comes again
    ledger.forget(seq);
    backlog--;
    if (seq <= repeatTo) repeats--;
    dirty();
    if (progress.loadedTo < deps.lastSeq() && hasRoom(pageEvents)) session?.reader.catchUp();
  };

  return {
    name: deps.name,
    async open(subscriber, countBacklog) {
      types = new Set(subscriber.types);
      subscribed = subscriber;
      changed = true;
      backlog = 0;
      // Nothing is handled while it is counted, so that nothing is counted twice.
      if (progress.loadedTo < deps.lastSeq()) backlog += await countBacklog();
      if (subscribed !== subscriber) return;
      repeats = progress.position() < repeatTo ? backlog : 0;
      const worker = createWorker({ ...deps, group: deps.name, subscriber, ledger, done, dirty });
      const reader = createReader({ ...deps, loadedTo: () => progress.loadedTo, hasRoom, take });
      session = { worker, reader };
      reader.catchUp();
    },
    async close() {
      const closing = session;
      session = undefined;
      closing?.reader.stop();
      await closing?.worker.stop();
      subscribed = undefined;
      progress.rewind();
    },
    subscriber: () => subscribed,
    wants: (type) => types.has(type),
    backlog: () => ({ all: Math.max(0, backlog), counted: Math.max(0, backlog - repeats) }),
    expired: ledger.expired,
    committed(events) {
      for (const { event } of events) if (types.has(event.type)) backlog++;
      const inOrder = !session?.reader.isReading() && progress.loadedTo + 1 === events[0]?.seq;
      if (session && inOrder && hasRoom(events.length)) take(events, events.at(-1)?.seq ?? 0);
      else session?.reader.catchUp();
    },
    resend: (letters) => session?.worker.resend(letters),
    setBack(position) {
      repeatTo = deps.lastSeq();
      progress.setBack(position);
      ledger.clear();
      changed = true;
    },
    change() {
      if (!changed) return undefined;
      changed = false;
      return {
        ...toChange({ name: deps.name, types: [...types] }, progress, ledger),
        failed() {
          changed = true;
        },
      };
    },
    position: () => progress.position(),
    ahead,
  };
}

/** All that is to be written of a group, now. */
function toChange(group: Pick<GroupChange, "name" | "types">, progress: Progress, ledger: Ledger) {
  const [position, acked, work] = [progress.position(), progress.unwritten(), ledger.take()];
  return {
    change: { ...work.change, ...group, position, acked },
    written() {
      progress.written(acked);
      work.written();
    },
  };
}
