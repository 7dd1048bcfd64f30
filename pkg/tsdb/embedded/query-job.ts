import type { AggregateQuery, Tally } from "../aggregate.ts";
import { aggregateStore } from "./aggregate-store.ts";
import { createDayReader, type DayReader } from "./day-reader.ts";
import type { HeadArrays } from "./generation.ts";
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
  heads: SharedHeads[];
  kindCodes: Uint8Array;
  tombstones: Tombstone[];
}

export interface QueryAnswer {
  tally: Tally;
  /** Damage that was found, in words for people. */
  damage: string[];
}

/** Does such jobs one after the other; day files stay open in between. */
export function createQueryDesk(): (job: QueryJob) => QueryAnswer {
  let open: { days: DayReader; rollups: RollupReader; dayFolder: string; epoch: number } | undefined;
  let damage: string[] = [];
  const bringDays = ({ dayFolder, rollupFolder, epoch }: QueryJob) => {
    if (open?.dayFolder === dayFolder && open.epoch === epoch) return open;
    open?.days.close();
    open?.rollups.close();
    const tell = (text: string) => void damage.push(text);
    const [days, rollups] = [createDayReader(dayFolder, tell), createRollupReader(rollupFolder, tell)];
    open = { days, rollups, dayFolder, epoch };
    return open;
  };
  return (job) => {
    damage = [];
    const { days, rollups } = bringDays(job);
    const generations = job.heads.map((heads) => ({ ...heads, slabs: heads.slabs.map(viewSlab), texts: new Map() }));
    const deletions = createTombstones(job.tombstones);
    const source = { deletions, days, rollups, generations: () => generations, kindCodes: () => job.kindCodes };
    const { read } = createSamplesReader(source);
    return { tally: aggregateStore({ ...source, read, isMarked: deletions.isMarked }, job.query), damage };
  };
}
