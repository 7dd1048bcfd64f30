import { messageOf } from "#pkg/errors/errors.ts";
import type { CompactReport } from "./compact.ts";
import { dayMs, listDays } from "./days.ts";
import { type Horizon, keptFromMs } from "./horizon.ts";
import type { StoreDeps, StoreParts } from "./parts.ts";
import { createThread } from "./thread.ts";
import type { Tombstone } from "./tombstones.ts";
import { createTurns } from "./turns.ts";
import type { UpkeepAnswer, UpkeepJob } from "./upkeep-thread.ts";

/** Has days put in order by a thread, one at a time, so that what is more urgent gets its turn in between. */
export interface DayOrder {
  /**
   * Puts these days in order; `isThorough` looks for damaged roll-ups too. Rejects at the end when one could not be;
   * resolves early when it is stopped.
   */
  compact(days: readonly number[], isThorough: boolean): Promise<void>;
  /** Carries deletions out in roll-ups whose samples are gone. */
  cut(tombstones: readonly Tombstone[]): Promise<void>;
  /** Puts these days in order, then does the work; a day that is under way waits. A day that cannot be read is told. */
  first(days: readonly number[], work: () => Promise<void>): Promise<void>;
  /** What is under way ends as soon as the files are whole. */
  stop(): void;
  close(): Promise<void>;
}

export function createDayOrder(deps: StoreDeps, parts: StoreParts): DayOrder {
  const thread = createThread<UpkeepJob, UpkeepAnswer>(new URL("./upkeep-thread.ts", import.meta.url), deps.clock);
  const turns = createTurns();
  const stop = new Int32Array(new SharedArrayBuffer(4));
  let isStopped = false;
  const { dayFolder, rollupFolder } = deps.folders;
  const compactDay = async (day: number, isThorough: boolean): Promise<CompactReport> => {
    Atomics.store(stop, 0, isStopped ? 1 : 0);
    const tombstones = [...parts.tombstones.all];
    const retired = retiredAt(parts.horizon(), parts.catalogue.size, day);
    const job = { dayFolder, rollupFolder, day, tombstones, retired, stop, isThorough };
    const answer = await thread.ask(() => ({ compact: job }));
    // The thread answers a compaction with its report.
    const report = answer as CompactReport;
    report.damage.forEach(parts.tell);
    if (report.groups > 0) parts.days.refresh();
    return report;
  };
  const compactWhole = async (day: number, isThorough: boolean) => {
    for (;;) {
      // A day that was dropped meanwhile stays away: opening its file would make an empty one.
      const report = await turns(async () =>
        listDays(dayFolder).includes(day) ? compactDay(day, isThorough) : undefined,
      );
      if (!report?.isStopped || isStopped) return;
    }
  };
  /** Within one turn, whoever else is in a hurry: without its samples a damaged roll-up cannot be made anew. */
  const compactFully = async (day: number) => {
    while ((await compactDay(day, true)).isStopped && !isStopped);
  };
  return {
    async compact(days, isThorough) {
      const problems: unknown[] = [];
      for (const day of days) {
        if (isStopped) return;
        await compactWhole(day, isThorough).catch((error: unknown) => {
          problems.push(error);
          deps.log?.error({ day, err: messageOf(error) }, "a day file cannot be put in order");
        });
      }
      if (problems.length > 0) throw problems[0];
    },
    async cut(tombstones) {
      if (tombstones.length === 0 || isStopped) return;
      const job = { dayFolder, rollupFolder, tombstones: [...tombstones] };
      const { damage } = await turns(() => thread.ask(() => ({ cut: job })));
      damage.forEach(parts.tell);
    },
    async first(days, work) {
      Atomics.store(stop, 0, 1);
      await turns(async () => {
        for (const day of days) {
          await compactFully(day).catch((error: unknown) =>
            parts.tell(`day ${day} goes without its roll-ups (${messageOf(error)})`),
          );
        }
        if (!isStopped) await work();
      });
    },
    stop() {
      isStopped = true;
      Atomics.store(stop, 0, 1);
    },
    async close() {
      await turns(async () => undefined);
      await thread.close();
    },
  };
}

/** 1 for each series whose samples of this day are no longer kept while others are: else the whole file goes. */
function retiredAt(horizon: Horizon, series: number, day: number): Uint8Array {
  const retired = new Uint8Array(series);
  if ((horizon.fromMs[0] ?? 0) > day * dayMs) return retired;
  for (let id = 0; id < series; id++) if (keptFromMs(horizon, id) > day * dayMs) retired[id] = 1;
  return retired;
}
