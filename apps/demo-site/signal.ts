const dayMs = 86_400_000;
const knotMs = 15_000;

/** A value over time (UTC milliseconds). */
export type Signal = (nowMs: number) => number;

/** How a value moves: around `base`, by `swing` over the day (highest in the afternoon), by `noise` from one quarter minute to the next. */
export interface SignalShape {
  base: number;
  swing?: number;
  noise?: number;
}

/** A plausible value: a daily wave with smooth noise. A pure function of time and seed. */
export function createSignal(seed: number, { base, swing = 0, noise = 0 }: SignalShape): Signal {
  return (nowMs) => {
    const wave = Math.sin((2 * Math.PI * (nowMs % dayMs)) / dayMs - Math.PI / 2);
    return base + swing * wave + noise * smoothNoise(seed, nowMs / knotMs);
  };
}

/** A counter that grows by about `perSecond` and never falls. Starts at `start` at time `originMs`. */
export function createCounter(start: number, perSecond: number, originMs: number): Signal {
  return (nowMs) => {
    const seconds = Math.max(0, nowMs - originMs) / 1000;
    // The wave's slope is smaller than the growth, so the sum only grows.
    return start + perSecond * (seconds + 0.6 * Math.sin(seconds));
  };
}

/** −1 … 1, the same for the same seed and place. */
function smoothNoise(seed: number, place: number): number {
  const knot = Math.floor(place);
  const share = place - knot;
  const eased = share * share * (3 - 2 * share);
  return hash(seed, knot) * (1 - eased) + hash(seed, knot + 1) * eased;
}

/** −1 … 1 from two integers. */
function hash(seed: number, knot: number): number {
  let bits = Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b) ^ Math.imul(knot | 0, 0xc2b2ae35);
  bits = Math.imul(bits ^ (bits >>> 15), 0x27d4eb2d);
  bits = Math.imul(bits ^ (bits >>> 13), 0x165667b1);
  return ((bits ^ (bits >>> 16)) >>> 0) / 2 ** 31 - 1;
}

/** Pseudo-random numbers 0 ≤ x < 1 in a row. */
export function createRandom(seed: number): () => number {
  let count = 0;
  return () => (hash(seed, count++) + 1) / 2.000001;
}
