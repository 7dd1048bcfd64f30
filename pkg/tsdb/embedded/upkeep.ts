import { messageOf } from "#pkg/errors/errors.ts";
import { createDayOrder } from "./day-order.ts";
import { dayMs, listDays, removeDay } from "./days.ts";
import type { StoreDeps, StoreParts } from "./parts.ts";
import { dropRollups } from "./rollup-file.ts";
import { removeTombstones } from "./tombstones.ts";
import { createTurns } from "./turns.ts";

/** Puts day files in order: several blocks into few, roll-ups, deletions, retentions of measurements. */
export interface Upkeep {
  /** Days that are over (all, when `everything`), and those in which something was deleted. Rejects when one cannot be written. */
  compact(everything: boolean): Promise<void>;
  /** The same soon, in the background; a failure is logged and tried again within the hour. */
  soon(): void;
  /** Drops whole days that are older, each once its roll-ups are made. Goes before what `compact` has still to do. */
  dropBefore(timeMs: number): Promise<void>;
  /** Stops what is under way as soon as the files are whole. */
  close(): Promise<void>;
}

/** A day in which nothing was sealed for so long is over, if its date is. */
const quietMs = 600_000;

export function createUpkeep(deps: StoreDeps, parts: StoreParts, onChanged: () => void): Upkeep {
  const order = createDayOrder(deps, parts);
  const compactions = createTurns();
  let [isAsked, isClosed] = [false, false];
  const compactNow = async (everything: boolean) => {
    const pending = parts.tombstones.all.filter(({ id }) => !Number.isNaN(id));
    const isOver = (day: number) => everything || isQuiet(deps, parts, day);
    const isDeletedFrom = (day: number) =>
      pending.some((one) => one.fromMs < (day + 1) * dayMs && one.toMs >= day * dayMs);
    const days = listDays(deps.folders.dayFolder).filter((day) => isOver(day) || isDeletedFrom(day));
    // What was found damaged may be a roll-up, and one is seldom damaged alone.
    const isThorough = parts.takeNews() || everything;
    await order.compact(days, isThorough);
    if (!isClosed && pending.length > 0) await carryOut(pending.map(({ id }) => id));
    if (!isClosed) dropRollups(deps.folders.rollupFolder, parts.horizon().rollupDay);
    onChanged();
  };
  /** All days that these deletions concern were put in order with them; blocks that came since are not concerned. */
  const carryOut = async (ids: readonly number[]) => {
    const done = new Set(ids);
    await order.cut(parts.tombstones.all.filter(({ id }) => done.has(id)));
    if (isClosed) return;
    removeTombstones(deps.folders.cataloguePath, done);
    parts.tombstones.remove(done);
  };
  const dropNow = async (timeMs: number) => {
    const old = listDays(deps.folders.dayFolder).filter((day) => (day + 1) * dayMs <= timeMs);
    if (old.length === 0 || isClosed) return;
    await parts.sealing.alone(async () => {
      parts.days.close();
      for (const day of old) removeDay(deps.folders.dayFolder, day);
      parts.days.refresh();
    });
    onChanged();
  };
  const compact = (everything: boolean) => compactions(() => compactNow(everything));
  return {
    compact,
    soon() {
      if (isClosed || isAsked) return;
      isAsked = true;
      compactions(() => {
        isAsked = false;
        return compactNow(false);
      }).catch((error: unknown) =>
        deps.log?.error({ err: messageOf(error) }, "day files cannot be put in order; trying again within the hour"),
      );
    },
    async dropBefore(timeMs) {
      const old = listDays(deps.folders.dayFolder).filter((day) => (day + 1) * dayMs <= timeMs);
      await order.first(old, () => dropNow(timeMs));
    },
    async close() {
      isClosed = true;
      order.stop();
      await compactions(async () => undefined);
      await order.close();
    },
  };
}

function isQuiet({ clock }: StoreDeps, { sealedAt }: StoreParts, day: number): boolean {
  const nowMs = clock.now();
  return (day + 1) * dayMs <= nowMs && (sealedAt.get(day) ?? Number.NEGATIVE_INFINITY) <= nowMs - quietMs;
}
