import type { Cache, CacheCounts } from "./port.ts";
import { createSpace } from "./space.ts";
import type { SpaceStore } from "./store.ts";

export interface SpacesDeps {
  /** The adapter's store of one name space; what the server does not answer is counted in `counts`. */
  storeOf(name: string, counts: CacheCounts): SpaceStore;
  maxValueBytes: number;
}

/** Name spaces over an adapter's stores: each name once, each with its own numbers. */
export function createSpaces({ storeOf, maxValueBytes }: SpacesDeps): Pick<Cache, "space" | "counts"> {
  const countsOf = new Map<string, CacheCounts>();
  return {
    space(name, isValue) {
      if (!/^[a-z][a-z0-9-]{0,40}$/.test(name)) throw new RangeError(`"${name}" is no name of a cache's space`);
      if (countsOf.has(name)) throw new RangeError(`the cache's space "${name}" is taken`);
      const counts: CacheCounts = { hits: 0, misses: 0, stored: 0, tooLarge: 0, failed: 0 };
      countsOf.set(name, counts);
      return createSpace({ store: storeOf(name, counts), counts, isValue, maxValueBytes });
    },
    counts: () => countsOf,
  };
}
