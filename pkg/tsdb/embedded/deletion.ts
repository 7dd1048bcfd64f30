import { setImmediate as nextTurn } from "node:timers/promises";
import type { Matcher } from "#pkg/contracts/samples.ts";
import type { MetricStore } from "../port.ts";
import { groupShift, groupSize } from "./block.ts";
import { emptyNewest, putNewest } from "./catalogue-file.ts";
import { inCatalogueFile } from "./catalogue-tables.ts";
import { dayMs, toDay } from "./days.ts";
import type { StoreParts } from "./parts.ts";
import { writeTombstone } from "./tombstones.ts";

export interface DeletionDeps {
  parts: Pick<StoreParts, "catalogue" | "newest" | "sealing" | "tombstones" | "days">;
  cataloguePath: string;
  read: MetricStore["read"];
  /** Called when there is something to carry out in the files. */
  onDeleted(): void;
}

/**
 * Deletes samples that are there now: seals what is in memory, then writes down what must no longer be seen. The files
 * are rewritten later. What is appended meanwhile may or may not be deleted.
 */
export function createDeletion(deps: DeletionDeps): NonNullable<MetricStore["delete"]> {
  const { catalogue, sealing, tombstones } = deps.parts;
  return async (matchers: readonly Matcher[], fromMs: number, toMs: number) => {
    await sealing.seal();
    return await sealing.alone(async () => {
      const series = catalogue.select(matchers);
      if (series.length === 0 || !(fromMs <= toMs)) return 0;
      const tombstone = { fromMs, toMs, written: sealing.sealedTo, series };
      // Seen by reads from here on, so that the newest samples are looked for among what stays.
      const pending = { ...tombstone, id: Number.NaN };
      tombstones.add(pending);
      try {
        const changed = await findNewest(deps, series, fromMs, toMs);
        const id = inCatalogueFile(deps.cataloguePath, (tables) => {
          for (const [group, samples] of toGroups(deps, changed)) putNewest(tables, group, samples);
          return writeTombstone(tables, tombstone);
        });
        tombstones.add({ ...tombstone, id });
        applyNewest(deps, changed);
      } finally {
        tombstones.remove(new Set([pending.id]));
      }
      deps.onDeleted();
      return series.length;
    });
  };
}

interface Newest {
  timeMs: number;
  value: number;
  /** Time of the newest sample before the deletion. */
  wasMs: number;
}

/** The newest sample that stays, of each series whose newest one goes; day by day back in time. */
async function findNewest(deps: DeletionDeps, series: Uint32Array, fromMs: number, toMs: number) {
  const { newest, days } = deps.parts;
  const timeOf = (id: number) => newest.timeMs[id] ?? Number.NEGATIVE_INFINITY;
  const found = new Map<number, Newest>();
  for (const id of series)
    if (timeOf(id) >= fromMs && timeOf(id) <= toMs)
      found.set(id, { timeMs: Number.NEGATIVE_INFINITY, value: 0, wasMs: timeOf(id) });
  let left = [...found.keys()];
  const firstDay = days.days[0] ?? 0;
  let day = toDay(left.reduce((latest, id) => Math.max(latest, timeOf(id)), Number.NEGATIVE_INFINITY));
  for (; left.length > 0 && day >= firstDay; day--) {
    await nextTurn();
    for (const { id, timeMs, value } of deps.read(Uint32Array.from(left), day * dayMs, (day + 1) * dayMs - 1)) {
      const last = timeMs.length - 1;
      const wasMs = found.get(id)?.wasMs ?? 0;
      if (last >= 0) found.set(id, { timeMs: timeMs[last] ?? 0, value: value[last] ?? 0, wasMs });
    }
    left = left.filter((id) => found.get(id)?.timeMs === Number.NEGATIVE_INFINITY);
  }
  return found;
}

/** Newest samples of all groups in which one changes. */
function toGroups({ parts: { newest } }: DeletionDeps, changed: ReadonlyMap<number, Newest>) {
  const groups = new Map<number, ReturnType<typeof emptyNewest>>();
  for (const id of changed.keys()) {
    const group = id >> groupShift;
    if (groups.has(group)) continue;
    const samples = emptyNewest();
    for (let member = 0; member < groupSize; member++) {
      const known = {
        timeMs: newest.timeMs[group * groupSize + member],
        value: newest.value[group * groupSize + member],
      };
      const { timeMs, value } = changed.get(group * groupSize + member) ?? known;
      samples[member] = timeMs ?? Number.NEGATIVE_INFINITY;
      samples[groupSize + member] = value ?? 0;
    }
    groups.set(group, samples);
  }
  return groups;
}

/** What was appended meanwhile stays. */
function applyNewest({ parts: { newest } }: DeletionDeps, changed: ReadonlyMap<number, Newest>): void {
  for (const [id, { timeMs, value, wasMs }] of changed) {
    if (newest.timeMs[id] !== wasMs) continue;
    newest.timeMs[id] = timeMs;
    newest.value[id] = value;
  }
}
