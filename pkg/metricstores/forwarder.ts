import type { Clock } from "#pkg/clock/port.ts";
import type { LogPosition } from "#pkg/contracts/samples.ts";
import { AppError, messageOf } from "#pkg/errors/errors.ts";
import type { Logger } from "#pkg/logger/port.ts";
import type { MetricStore } from "#pkg/tsdb/port.ts";
import { createBackoff } from "./backoff.ts";
import { createDeliverer, type Unsettled } from "./deliver.ts";
import { createLogQueue } from "./log-queue.ts";
import { findLogStart } from "./log-start.ts";
import type { PlaceFile } from "./place-file.ts";
import type { ForwarderStats, RemoteStore, Trouble } from "./port.ts";
import { openProgress } from "./progress.ts";
import { createRecent } from "./recent.ts";
import { sendBatches } from "./requests.ts";
import { countSamples, createRows } from "./rows.ts";
import type { SetAside } from "./set-aside.ts";
import { createSleep } from "./sleep.ts";
import { createTrouble } from "./trouble.ts";

export interface ForwarderDeps {
  name: string;
  source: Pick<MetricStore, "hold" | "follow" | "stats">;
  store: RemoteStore;
  place: PlaceFile;
  setAside: SetAside;
  clock: Clock;
  log: Logger;
  /** Most bytes of log that wait; beyond, the oldest are given up. */
  queueBytes: number;
  /** What is known of it before the first request. */
  trouble?: Pick<Trouble, "kind" | "words"> | undefined;
}

/** Brings the log to one store, from where it stood, for as long as it is open. */
export interface Forwarder {
  stats(): ForwarderStats;
  /** Ends soon, without waiting for a store that is away. `forget`: the store is no longer wanted at all. */
  close(options?: { forget: boolean }): Promise<void>;
}

const mostRows = 10_000;
/** How long samples wait for others to share their request. */
const gatherMs = 1000;

/** A store that was never there begins with what comes from now on. */
export function openForwarder(deps: ForwarderDeps): Forwarder {
  const { source, clock, log, store, queueBytes, name } = deps;
  const progress = openProgress({ source, file: deps.place, clock, forgetsMs: store.forgetsMs });
  const { place } = progress;
  const queue = createLogQueue(source, place.position, queueBytes);
  const [sleep, backoff, rows] = [createSleep(clock), createBackoff(), createRows(mostRows)];
  const trouble = createTrouble(name, clock, log, deps.trouble);
  let [isClosed, isBack, askedMs] = [false, false, undefined as number | undefined];

  const { deliver } = createDeliverer({
    store,
    setAside: deps.setAside.keep,
    mayLookFor: createRecent(clock, 60_000),
    onAnswer() {
      isBack ||= trouble.now()?.kind === "away";
      trouble.end();
      backoff.reset();
    },
    async again(outcome: Unsettled) {
      if (isClosed) return false;
      trouble.note(outcome.kind, outcome.words);
      if (queue.isOver()) return false;
      askedMs = undefined;
      await sleep.until((outcome.kind === "away" ? outcome.retryAfterMs : undefined) ?? backoff.next());
      askedMs = clock.now();
      return !isClosed;
    },
  });
  /** It was away: what it had not yet on disk is sent again. */
  const rewind = (): boolean => {
    if (!isBack) return false;
    isBack = false;
    if (!progress.rewind()) return false;
    queue.restart(place.position);
    return true;
  };
  /** Sends what is gathered. False: closed meanwhile, so it stays in the log. */
  const send = async (upTo: LogPosition): Promise<boolean> => {
    askedMs = clock.now();
    const done = rows.length === 0 ? { taken: 0, refused: 0, leftOut: 0 } : await deliver(rows);
    askedMs = undefined;
    if (!done && isClosed) return false;
    place.sent += done?.taken ?? 0;
    place.refused += done?.refused ?? 0;
    place.leftOut += done?.leftOut ?? 0;
    if (!done) place.givenUp += rows.length;
    if (rewind()) return false;
    progress.arrive(upTo);
    return !isClosed;
  };
  const step = async () => {
    const batches = await queue.next();
    const last = batches.at(-1)?.position;
    if (last !== undefined && queue.isOver()) {
      // Too much waits: the oldest goes, counted, without being tried.
      place.givenUp += batches.reduce((total, { batch }) => total + countSamples(batch), 0);
      progress.arrive(last);
    } else await sendBatches(batches, rows, send);
    queue.settle();
    if (queue.waitingBytes() === 0 || batches.length === 0) await sleep.until(gatherMs);
  };
  const mend = async (error: unknown) => {
    try {
      if (!(error instanceof AppError && error.code === "not_found")) throw error;
      place.position = await skipLost(deps, place.position);
    } catch (fault) {
      trouble.note("broken", messageOf(fault));
      await sleep.until(backoff.next());
    }
    queue.restart(place.position);
  };
  const run = async () => {
    while (!isClosed) await step().catch(mend);
  };
  const running = run();
  return {
    stats: () => ({ ...place, queueBytes, waitingBytes: queue.waitingBytes(), ...trouble.stats(), askedMs }),
    async close({ forget } = { forget: false }) {
      isClosed = true;
      sleep.wake();
      store.close();
      await running;
      progress.close(forget);
    },
  };
}

/** The log begins behind `from` now: gives where. */
async function skipLost({ source, log, name }: ForwarderDeps, from: LogPosition): Promise<LogPosition> {
  const to = await findLogStart(source, from);
  log.error({ store: name, from, to }, "the log no longer holds what this store has not got");
  return to;
}
