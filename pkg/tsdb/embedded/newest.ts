import { withRoom } from "./arrays.ts";

/** The newest number sample of every series, always in memory: 16 bytes each. `timeMs` is -Infinity where there is none. */
export interface Newest {
  timeMs: Float64Array;
  value: Float64Array;
  /** Makes room for series ids below `size`. */
  grow(size: number): void;
}

export function createNewest(): Newest {
  const newest: Newest = {
    timeMs: new Float64Array(0),
    value: new Float64Array(0),
    grow(size) {
      newest.timeMs = withRoom(newest.timeMs, size, (length) =>
        new Float64Array(length).fill(Number.NEGATIVE_INFINITY),
      );
      newest.value = withRoom(newest.value, size, (length) => new Float64Array(length));
    },
  };
  return newest;
}
