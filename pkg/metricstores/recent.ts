import type { Clock } from "#pkg/clock/port.ts";

const mostTexts = 100;

/** Says of a text whether it comes for the first time in `periodMs`. */
export function createRecent(clock: Pick<Clock, "now">, periodMs: number): (text: string) => boolean {
  const seenMs = new Map<string, number>();
  return (text) => {
    const nowMs = clock.now();
    const beforeMs = seenMs.get(text);
    if (beforeMs !== undefined && nowMs - beforeMs < periodMs) return false;
    seenMs.delete(text);
    for (const oldest of seenMs.keys()) if (seenMs.size >= mostTexts) seenMs.delete(oldest);
    seenMs.set(text, nowMs);
    return true;
  };
}
