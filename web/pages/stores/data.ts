import type { NamedStats } from "#pkg/metricstores/port.ts";
import { type Part, part } from "../../components/part.ts";
import type { PageRequest } from "../../page.ts";
import type { PageServices } from "../../services.ts";

/** How a store outside stands, in one word. */
export type StoreState = "takes" | "catchesUp" | "noAnswer" | "away" | "denied" | "broken";

export interface StoreRow
  extends Pick<
    NamedStats,
    "name" | "address" | "waitingBytes" | "queueBytes" | "sent" | "refused" | "givenUp" | "leftOut"
  > {
  state: StoreState;
  since: number;
  /** What is in the way, in the store's or the network's own words. */
  trouble: string | null;
}

export interface StoresData {
  outside: Part<readonly StoreRow[]>;
  own: Part<{ series: number; diskBytes: number; logBytes: number; problem: string | null }>;
  configFile: string | null;
}

/** A request that takes longer than this is worth telling. */
const slowMs = 2000;
/** Less than this waits at any moment. */
const calmBytes = 1024 * 1024;

/** Where samples are kept: here, and in which stores besides. */
export async function storesData(request: PageRequest, services: PageServices): Promise<StoresData> {
  const [outside, own, site] = await Promise.all([
    part(() =>
      services.metricStores
        .stats()
        .map((store) => toRow(store, request.now))
        .sort(byNeed),
    ),
    part(() => {
      const { series, diskBytes, logBytes, sealProblem } = services.store.stats();
      return { series, diskBytes, logBytes, problem: sealProblem ?? null };
    }),
    part(() => services.site()),
  ]);
  return { outside, own, configFile: site.ok ? site.data.configFile : null };
}

function toRow(store: NamedStats, now: number): StoreRow {
  const { name, address, waitingBytes, queueBytes, sent, refused, givenUp, leftOut, trouble, sinceMs } = store;
  const figures = { waitingBytes, queueBytes, sent, refused, givenUp, leftOut };
  return { name, address, ...figures, state: toState(store, now), since: sinceMs, trouble: trouble?.words ?? null };
}

function toState({ trouble, askedMs, waitingBytes }: NamedStats, now: number): StoreState {
  if (trouble !== undefined) return trouble.kind;
  if (askedMs !== undefined && now - askedMs > slowMs) return "noAnswer";
  return waitingBytes < calmBytes ? "takes" : "catchesUp";
}

/** Those in trouble first. */
function byNeed(a: StoreRow, b: StoreRow): number {
  return Number(a.trouble === null) - Number(b.trouble === null) || a.name.localeCompare(b.name);
}
