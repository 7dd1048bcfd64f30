import type { AggregateQuery, Tally } from "../aggregate.ts";
import { aggregateStore } from "./aggregate-store.ts";
import { createDayReader, type DayReader } from "./day-reader.ts";
import type { HeadArrays } from "./generation.ts";
import type { Horizon } from "./horizon.ts";
import { createRollupReader, type RollupReader } from "./rollup-reader.ts";
import { createSamplesReader } from "./samples-reader.ts";
import { viewSlab } from "./slabs.ts";
import { createTombstones, type Tombstone } from "./tombstones.ts";

/** What is not sealed yet, to be looked at by another thread. */
export interface SharedHeads extends Omit<HeadArrays, "slabs"> {
  slabs: SharedArrayBuffer[];
}

/** An aggregation for another thread. */
export interface QueryJob {
  query: AggregateQuery;
  dayFolder: string;
  rollupFolder: string;
  /** Changes when day files were taken away or replaced. */
  epoch: number;
  /** Changes when blocks came. */
  additions: number;
  heads: SharedHeads[];
  kindCodes: Uint8Array;
  tombstones: Tombstone[];
  horizon: Horizon;
}

export interface QueryAnswer {
  tally: Tally;
  /** Damage that was found, in words for people. */
  damage: string[];
}

/** Blocks that a thread of queries keeps: half an hour of 100,000 series, or 6 h of 10,000. */
const keptBytes = 24 * 2 ** 20;

/** Does such jobs one after the other; day files stay open in between. */
export function createQueryDesk(): (job: QueryJob) => QueryAnswer {
  let open: { days: DayReader; rollups: RollupReader; job: Pick<QueryJob, "dayFolder" | "epoch"> } | undefined;
  let additions = 0;
  let damage: string[] = [];
  const bringDays = (job: QueryJob) => {
    if (open?.job.dayFolder === job.dayFolder && open.job.epoch === job.epoch) {
      if (additions !== job.additions) open.days.added();
    } else {
      open?.days.close();
      open?.rollups.close();
      const onDamage = (text: string) => void damage.push(text);
      const days = createDayReader({ folder: job.dayFolder, keptBytes, onDamage });
      open = { days, rollups: createRollupReader({ folder: job.rollupFolder, days, onDamage }), job };
    }
    additions = job.additions;
    return open;
  };
  return (job) => {
    damage = [];
    const { days, rollups } = bringDays(job);
    const generations = job.heads.map((heads) => ({ ...heads, slabs: heads.slabs.map(viewSlab), texts: new Map() }));
    const deletions = createTombstones(job.tombstones);
    const source = { deletions, days, rollups, generations: () => generations, kindCodes: () => job.kindCodes };
    const kept = { ...source, horizon: () => job.horizon };
    const { read } = createSamplesReader(kept);
    return { tally: aggregateStore({ ...kept, read }, job.query), damage };
  };
}
