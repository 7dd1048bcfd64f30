import { availableParallelism } from "node:os";
import type { Clock } from "#pkg/clock/port.ts";
import { type AggregateQuery, joinTallies, type Tally, toAggregated } from "../aggregate.ts";
import type { MetricStore } from "../port.ts";
import { type AggregateSource, aggregateStore } from "./aggregate-store.ts";
import type { Generation } from "./generation.ts";
import type { QueryAnswer, QueryJob, SharedHeads } from "./query-job.ts";
import type { SlabPool } from "./slabs.ts";
import { createThread, type Thread } from "./thread.ts";
import type { Tombstone } from "./tombstones.ts";

export interface QueriesDeps {
  source: Omit<AggregateSource, "generations"> & { generations(): readonly Generation[] };
  clock: Clock;
  pool: SlabPool;
  dayFolder: string;
  rollupFolder: string;
  tombstones(): readonly Tombstone[];
  onDamage(text: string): void;
}

/** Aggregations: small ones at once, others in threads of their own, the longest in two at a time. */
export interface Queries {
  aggregate: NonNullable<MetricStore["aggregate"]>;
  close(): Promise<void>;
}

/** Seconds of series that are summed in the node's own thread: about a millisecond at one sample in ten seconds. */
const quickSeriesS = 1_000_000;
/** From here on both cores pay. */
const longSeriesS = 4_000_000;

export function createQueries(deps: QueriesDeps): Queries {
  const file = new URL("./query-thread.ts", import.meta.url);
  const threads: Thread<QueryJob, QueryAnswer>[] = Array.from({ length: Math.min(2, availableParallelism()) }, () =>
    createThread(file, deps.clock),
  );
  const ask = async (query: AggregateQuery) => {
    const [thread] = [...threads].sort((a, b) => a.waiting - b.waiting);
    if (!thread) throw new RangeError("there is no thread");
    const { tally, damage } = await thread.ask(() => toJob(deps, query));
    damage.forEach(deps.onDamage);
    return tally;
  };
  const inThreads = async (query: AggregateQuery, parts: number) => {
    // What the threads look at must not be used again meanwhile.
    const release = deps.pool.hold();
    try {
      const [first, ...rest] = await Promise.all(split(query, parts).map(ask));
      for (const more of rest) joinTallies(first as Tally, more, query.functions);
      return first as Tally;
    } finally {
      release();
    }
  };
  return {
    async aggregate(query) {
      const seriesS = (query.ids.length * (query.endMs - query.startMs + query.windowMs)) / 1000;
      if (seriesS <= quickSeriesS) return toAggregated(aggregateStore(deps.source, query), query.functions);
      const parts = seriesS < longSeriesS ? 1 : threads.length;
      return toAggregated(await inThreads(query, parts), query.functions);
    },
    async close() {
      await Promise.all(threads.map((thread) => thread.close()));
    },
  };
}

/** Parts with the same number of series; series of one group stay together where they stand together. */
function split(query: AggregateQuery, parts: number): AggregateQuery[] {
  const size = Math.ceil(query.ids.length / parts / 128) * 128;
  const pieces: AggregateQuery[] = [];
  for (let from = 0; from < query.ids.length || from === 0; from += size) {
    pieces.push({ ...query, ids: query.ids.slice(from, from + size), groups: query.groups.slice(from, from + size) });
  }
  return pieces;
}

/** What there is now: samples that come later are in blocks of which the job does not know. */
function toJob({ source, dayFolder, rollupFolder, tombstones }: QueriesDeps, query: AggregateQuery): QueryJob {
  const heads = source.generations().map(toSharedHeads);
  return {
    query,
    dayFolder,
    rollupFolder,
    epoch: source.days.epoch,
    additions: source.days.additions,
    heads,
    kindCodes: source.kindCodes(),
    tombstones: [...tombstones()],
    horizon: source.horizon(),
  };
}

function toSharedHeads({ slabs, firstBlock, count, unordered }: Generation): SharedHeads {
  // Slabs are made of shared memory (see slabs.ts).
  return { slabs: slabs.map((slab) => slab.buffer as SharedArrayBuffer), firstBlock, count, unordered };
}
