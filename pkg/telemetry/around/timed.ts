import type { Histogram, Labels } from "../port.ts";

/** `work` with its duration (s) observed, also when it fails. */
export function timed<A extends unknown[], R>(
  work: (...given: A) => R,
  duration: Histogram,
  labels?: Labels,
): (...given: A) => R {
  return (...given) => {
    const startedAt = performance.now();
    const note = () => duration.observe((performance.now() - startedAt) / 1000, labels);
    let result: R | undefined;
    try {
      result = work(...given);
      return result;
    } finally {
      if (result instanceof Promise) result.then(note, note);
      else note();
    }
  };
}
