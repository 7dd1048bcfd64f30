// Hot: indexes stay below the lengths checked beside them, hence `as number`.
/** Memory for an order of so many samples, and as much again to merge in. */
export type OrderRoom = (length: number) => [Uint32Array, Uint32Array];

const ownRoom: OrderRoom = (length) => [new Uint32Array(length), new Uint32Array(length)];

/** Room that is used again by the next call. */
export function createOrderRoom(): OrderRoom {
  let largest = ownRoom(1024);
  return (length) => {
    if (length > largest[0].length) largest = ownRoom(length * 2);
    return largest;
  };
}

/**
 * Order in which to read samples of the same series: ascending in time, of equal times only the last written. What
 * several writers send in turns comes in long runs that ascend; merging these is much cheaper than sorting.
 */
export function toOrder(timeMs: ArrayLike<number>, roomFor: OrderRoom = ownRoom): Uint32Array {
  const { length } = timeMs;
  let [order, room] = roomFor(length);
  for (let i = 0; i < length; i++) order[i] = i;
  for (let ends = endsOfRuns(timeMs); ends.length > 1; ) {
    const merged: number[] = [];
    for (let i = 0; i < ends.length; i += 2) {
      const middle = ends[i] ?? 0;
      const end = ends[i + 1] ?? middle;
      mergeRuns(timeMs, order, room, merged.at(-1) ?? 0, middle, end);
      merged.push(end);
    }
    [order, room, ends] = [room, order, merged];
  }
  return withoutEqual(timeMs, order, length);
}

function endsOfRuns(timeMs: ArrayLike<number>): number[] {
  const ends: number[] = [];
  for (let i = 1; i < timeMs.length; i++) if ((timeMs[i] as number) < (timeMs[i - 1] as number)) ends.push(i);
  ends.push(timeMs.length);
  return ends;
}

/** Merges two neighbours of `order` into `room`; of equal times the left comes first. */
function mergeRuns(
  timeMs: ArrayLike<number>,
  order: Uint32Array,
  room: Uint32Array,
  start: number,
  middle: number,
  end: number,
): void {
  let [left, right] = [start, middle];
  for (let at = start; at < end; at++) {
    const isLeft =
      right === end ||
      (left < middle && (timeMs[order[left] as number] as number) <= (timeMs[order[right] as number] as number));
    room[at] = order[isLeft ? left++ : right++] as number;
  }
}

function withoutEqual(timeMs: ArrayLike<number>, order: Uint32Array, length: number): Uint32Array {
  let kept = 0;
  for (let i = 0; i < length; i++) {
    if (kept > 0 && timeMs[order[kept - 1] as number] === timeMs[order[i] as number]) kept--;
    order[kept++] = order[i] as number;
  }
  return order.subarray(0, kept);
}

/** Whether each time is later than the one before. */
export function isAscending(timeMs: ArrayLike<number>): boolean {
  for (let i = 1; i < timeMs.length; i++) if (!((timeMs[i] ?? 0) > (timeMs[i - 1] ?? 0))) return false;
  return true;
}

/** First index whose time is at least (`after`: greater than) `wantedMs` in ascending times. */
export function findTime(timeMs: Float64Array, wantedMs: number, after = false): number {
  let [low, high] = [0, timeMs.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    const time = timeMs[middle] ?? 0;
    if (time < wantedMs || (after && time === wantedMs)) low = middle + 1;
    else high = middle;
  }
  return low;
}
