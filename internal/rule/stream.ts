import type { Clock } from "#pkg/clock/port.ts";
import type { LogPosition, SampleBatch } from "#pkg/contracts/samples.ts";
import { messageOf } from "#pkg/errors/errors.ts";
import type { Logger } from "#pkg/logger/port.ts";
import type { MetricStore } from "#pkg/tsdb/port.ts";
import type { Changes } from "./changes.ts";
import type { Engine } from "./engine.ts";
import { toArrival } from "./judge.ts";
import { isGoneError, skipGone } from "./log-gap.ts";
import type { Writer } from "./writer.ts";

export interface StreamDeps {
  store: Pick<MetricStore, "replay">;
  clock: Clock;
  log: Logger;
  engine: Engine;
  changes: Changes;
  writer: Writer;
  /** Judgements that may wait in memory; beyond that the log is the buffer. */
  maxWaiting: number;
}

/** Brings every batch of the log to the engine once, in order, from where it stood. */
export interface Stream {
  judge(batch: SampleBatch, position: LogPosition): void;
  /** Judges what the log holds after `engine.position`, then goes live. `checkpointMs`: the node's clock at that position. */
  catchUp(checkpointMs: number): Promise<void>;
  mode(): "starting" | "live" | "behind";
  /** Node's clock since which every batch is judged as it comes. */
  liveSinceMs(): number;
  clockWentBack(byMs: number): void;
  fault(): string | undefined;
}

/** Thrown to leave a replay when judgements cannot be stored for now. */
class Behind extends Error {}

export function createStream({ store, clock, log, engine, changes, writer, maxWaiting }: StreamDeps): Stream {
  let mode: "starting" | "live" | "behind" = "starting";
  let catching: Promise<void> | undefined;
  let startedAfter: LogPosition = 0;
  let highestLive: LogPosition = 0;
  let restarted = false;
  let liveSinceMs = clock.now();
  let fault: string | undefined;

  const judgeNow = (batch: SampleBatch, position: LogPosition, arrivedMs: number) => {
    try {
      engine.judgeBatch(batch, position, arrivedMs);
    } catch (error) {
      fault = `batch ${position} could not be judged: ${messageOf(error)}`;
      engine.position = position;
      log.error({ error, position }, "a batch could not be judged");
    }
    writer.kick();
  };
  const isFull = () => changes.waiting().judgements >= maxWaiting;
  const visit = async (batch: SampleBatch, position: LogPosition, checkpointMs: number) => {
    if (position <= engine.position) return;
    if (isFull()) await writer.settle();
    if (isFull()) throw new Behind("judgements cannot be stored");
    judgeNow(batch, position, toArrival(batch, checkpointMs, clock.now()));
  };
  /** Positions of before mean nothing in a log that began anew (the store was replaced or restored). */
  const forgetPositions = () => {
    log.error({ judgedTo: startedAfter, position: highestLive }, "the log of samples begins anew; judging all of it");
    restarted = false;
    startedAfter = 0;
    engine.position = 0;
    engine.slots.position.fill(0);
    engine.series.newestMs.fill(Number.NEGATIVE_INFINITY);
  };
  const replayFrom = async (after: LogPosition, checkpointMs: number) => {
    try {
      await store.replay(after, (batch, position) => visit(batch, position, checkpointMs));
    } catch (error) {
      if (!isGoneError(error)) throw error;
      engine.position = await skipGone(store, after);
      fault = `samples between log positions ${after} and ${engine.position} were never judged and are released (is the database an old copy?)`;
      log.error({ from: after, to: engine.position }, fault);
      await store.replay(engine.position, (batch, position) => visit(batch, position, checkpointMs));
    }
  };
  const replayAll = async (checkpointMs: number) => {
    for (;;) {
      if (restarted) forgetPositions();
      const before = engine.position;
      await replayFrom(before, checkpointMs);
      if (!restarted && (engine.position >= highestLive || engine.position === before)) return;
    }
  };
  const run = async (checkpointMs: number) => {
    try {
      await replayAll(checkpointMs);
      mode = "live";
      liveSinceMs = clock.now();
    } catch (error) {
      if (!(error instanceof Behind)) throw error;
      mode = "behind";
    }
  };

  const stream: Stream = {
    judge(batch, position) {
      highestLive = position;
      if (position <= startedAfter) {
        // What comes now was never judged, so it must come after all that was: `catchUp` puts it right.
        restarted = true;
        mode = "behind";
      }
      if (mode !== "live" || position <= engine.position) return;
      judgeNow(batch, position, clock.now());
      if (!isFull()) return;
      mode = "behind";
      log.warn({ ...changes.waiting() }, "too many judgements wait; the log keeps what follows until they are stored");
    },
    catchUp(checkpointMs) {
      if (mode === "starting") startedAfter = engine.position;
      catching ??= run(checkpointMs).finally(() => {
        catching = undefined;
      });
      return catching;
    },
    mode: () => mode,
    liveSinceMs: () => liveSinceMs,
    clockWentBack(byMs) {
      liveSinceMs -= byMs;
    },
    fault: () => fault,
  };
  return stream;
}
