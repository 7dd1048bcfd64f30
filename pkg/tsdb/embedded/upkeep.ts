import { messageOf } from "#pkg/errors/errors.ts";
import type { CompactJob, CompactReport } from "./compact.ts";
import { dayMs, listDays, removeDay, toDay } from "./days.ts";
import { now } from "./options.ts";
import type { StoreDeps, StoreParts } from "./parts.ts";
import { dropRollups } from "./rollup-file.ts";
import { createThread } from "./thread.ts";
import { removeTombstones } from "./tombstones.ts";

/** Puts day files in order: several blocks into few, roll-ups, deletions, retentions of measurements. */
export interface Upkeep {
  /** Days that are over (all, when `everything`), and those in which something was deleted. Rejects when one cannot be written. */
  compact(everything: boolean): Promise<void>;
  /** The same soon, in the background; a failure is logged and tried again within the hour. */
  soon(): void;
  /** Drops whole days that are older, each once its roll-ups are made. */
  dropBefore(timeMs: number): Promise<void>;
  close(): Promise<void>;
}

/** A day in which nothing was sealed for so long is over, if its date is. */
const quietMs = 600_000;

export function createUpkeep(deps: StoreDeps, parts: StoreParts, onChanged: () => void): Upkeep {
  const { dayFolder, rollupFolder, cataloguePath } = deps.folders;
  const thread = createThread<CompactJob, CompactReport>(new URL("./upkeep-thread.ts", import.meta.url), deps.clock);
  let [last, isClosed]: [Promise<unknown>, boolean] = [Promise.resolve(), false];
  const alone = <R>(work: () => Promise<R>): Promise<R> => {
    const turn = last.then(work);
    last = turn.catch(() => undefined);
    return turn;
  };
  const compactDays = async (days: readonly number[]) => {
    for (const day of days) {
      if (isClosed) return;
      const tombstones = [...parts.tombstones.all];
      const report = await thread.ask({
        dayFolder,
        rollupFolder,
        day,
        tombstones,
        retired: retiredAt(deps, parts, day),
      });
      report.damage.forEach(parts.tell);
      if (report.groups > 0) parts.days.refresh();
    }
  };
  const compactNow = async (everything: boolean) => {
    const pending = parts.tombstones.all.filter(({ id }) => !Number.isNaN(id));
    const days = listDays(dayFolder);
    const isOver = (day: number) => everything || isQuiet(deps, parts, day);
    const isDeletedFrom = (day: number) =>
      pending.some((one) => one.fromMs < (day + 1) * dayMs && one.toMs >= day * dayMs);
    await compactDays(days.filter((day) => isOver(day) || isDeletedFrom(day)));
    if (isClosed || pending.length === 0) return;
    // All days that they concern were put in order with them; blocks that came since are not concerned.
    const done = new Set(pending.map(({ id }) => id));
    removeTombstones(cataloguePath, done);
    parts.tombstones.remove(done);
  };
  const dropNow = async (timeMs: number) => {
    const old = listDays(dayFolder).filter((day) => (day + 1) * dayMs <= timeMs);
    if (old.length === 0) return;
    await compactDays(old);
    await parts.sealing.alone(async () => {
      parts.days.close();
      for (const day of old) removeDay(dayFolder, day);
      parts.days.refresh();
    });
  };
  const compact = (everything: boolean) =>
    alone(async () => {
      await compactNow(everything);
      const keptMs = now(deps.rollupRetentionMs ?? null);
      if (keptMs !== null) dropRollups(rollupFolder, toDay(deps.clock.now() - keptMs));
      onChanged();
    });
  return {
    compact,
    soon() {
      if (isClosed) return;
      compact(false).catch((error: unknown) =>
        deps.log?.error({ err: messageOf(error) }, "day files cannot be put in order; trying again within the hour"),
      );
    },
    dropBefore: (timeMs) =>
      alone(async () => {
        await dropNow(timeMs);
        onChanged();
      }),
    async close() {
      isClosed = true;
      await last;
      await thread.close();
    },
  };
}

function isQuiet({ clock }: StoreDeps, { sealedAt }: StoreParts, day: number): boolean {
  const nowMs = clock.now();
  return (day + 1) * dayMs <= nowMs && (sealedAt.get(day) ?? Number.NEGATIVE_INFINITY) <= nowMs - quietMs;
}

/** 1 for each series whose measurement keeps its samples for a time that this day lies before. */
function retiredAt({ retentions, clock }: StoreDeps, { catalogue }: StoreParts, day: number): Uint8Array {
  const retired = new Uint8Array(catalogue.size);
  const old = new Set<string>();
  for (const [measurement, keptMs] of now(retentions ?? new Map<string, number>())) {
    if ((day + 1) * dayMs <= clock.now() - keptMs) old.add(measurement);
  }
  if (old.size === 0) return retired;
  for (let origin = 0; origin < catalogue.originCount; origin++) {
    const { measurement, series } = catalogue.origin(origin);
    if (old.has(measurement)) for (const id of series) retired[id] = 1;
  }
  return retired;
}
