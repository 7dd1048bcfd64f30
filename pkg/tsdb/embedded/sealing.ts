import type { Clock } from "#pkg/clock/port.ts";
import type { LogPosition } from "#pkg/contracts/samples.ts";
import { messageOf } from "#pkg/errors/errors.ts";
import type { Logger } from "#pkg/logger/port.ts";
import type { Catalogue } from "./catalogue.ts";
import type { SealReport } from "./day-writers.ts";
import { createGeneration, type Generation } from "./generation.ts";
import type { Sealer } from "./sealer.ts";
import { packSeries } from "./series-record.ts";
import type { SlabPool } from "./slabs.ts";
import { createTurns } from "./turns.ts";

export interface SealingDeps {
  catalogue: Catalogue;
  sealer: Sealer;
  pool: SlabPool;
  clock: Clock;
  log: Logger | undefined;
  dayFolder: string;
  cataloguePath: string;
  start: { heads: Generation; sealedTo: LogPosition; savedSeries: number };
  lastPosition(): LogPosition;
  /** The generation is closed: what is logged from now on belongs to the next. */
  onFrozen(): void;
  /** The generation is in the day files. */
  onSealed(report: SealReport): Promise<void>;
}

/** Turns heads into blocks on disk: one generation takes samples while the one before is being sealed. */
export interface Sealing {
  readonly live: Generation;
  /** Oldest first. */
  generations(): readonly Generation[];
  readonly sealedTo: LogPosition;
  /** Why the last attempt failed; it is tried again. */
  readonly problem: string | undefined;
  /** Seals all there is. Rejects when it cannot be written. */
  seal(): Promise<void>;
  /** Starts `seal` in the background unless it runs; a failure is logged and tried again after 30 s. */
  sealSoon(): void;
  /** Runs alone: no seal in between. */
  alone<R>(work: () => Promise<R>): Promise<R>;
  /** Ends the retries. */
  stop(): void;
}

const retryMs = 30_000;

export function createSealing(deps: SealingDeps): Sealing {
  let live = deps.start.heads;
  let frozen: { heads: Generation; upTo: LogPosition } | undefined;
  let { sealedTo, savedSeries } = deps.start;
  let problem: string | undefined;
  let [isScheduled, isStopped, stopRetry] = [false, false, () => {}];
  const alone = createTurns();

  const freeze = () => {
    frozen = { heads: live, upTo: deps.lastPosition() };
    live = createGeneration();
    deps.onFrozen();
    return frozen;
  };
  const sealNow = async () => {
    if (!frozen && live.samples === 0 && savedSeries === deps.catalogue.size) return;
    const { heads, upTo } = frozen ?? freeze();
    const size = deps.catalogue.size;
    try {
      const series = size > savedSeries ? packSeries(deps.catalogue, savedSeries) : undefined;
      const report = await deps.sealer.seal(toJob(deps, heads, upTo, series));
      [frozen, sealedTo, savedSeries, problem] = [undefined, upTo, size, undefined];
      await deps.onSealed(report);
      // What came in while this was sealed says how fast memory is needed.
      deps.pool.give(heads.slabs, live.slabs.length);
    } catch (error) {
      problem = messageOf(error);
      throw error;
    }
  };
  const sealing: Sealing = {
    get live() {
      return live;
    },
    get sealedTo() {
      return sealedTo;
    },
    get problem() {
      return problem;
    },
    alone,
    generations: () => (frozen ? [frozen.heads, live] : [live]),
    seal: () => alone(sealNow),
    sealSoon() {
      if (isScheduled || isStopped) return;
      isScheduled = true;
      stopRetry = () => {};
      const again = (delayMs: number) => {
        isScheduled = false;
        if (delayMs > 0 && !isStopped) {
          isScheduled = true;
          stopRetry = deps.clock.after(delayMs, () => {
            isScheduled = false;
            sealing.sealSoon();
          });
        }
      };
      sealing.seal().then(
        () => again(0),
        (error: unknown) => {
          deps.log?.error({ error }, "samples cannot be moved from the log into day files; trying again");
          again(retryMs);
        },
      );
    },
    stop() {
      isStopped = true;
      stopRetry();
    },
  };
  return sealing;
}

function toJob(deps: SealingDeps, heads: Generation, sealedTo: LogPosition, series: Uint8Array | undefined) {
  const { firstBlock, count, unordered, texts } = heads;
  return {
    slabs: heads.slabs.map((slab) => slab.buffer as SharedArrayBuffer),
    kindCodes: deps.catalogue.kindCodes().slice(0, deps.catalogue.size),
    ...{ firstBlock, count, unordered, texts, series, sealedTo },
    dayFolder: deps.dayFolder,
    cataloguePath: deps.cataloguePath,
  };
}
