/**
 * Pause after the n-th failed attempt: doubles from `firstMs` to `longestMs`, spread by a quarter either way so that
 * messages that failed together do not come back together. Never shorter than `firstMs`, never longer than `longestMs`.
 */
export function pauseAfter(attemptCount: number, firstMs: number, longestMs: number, random: () => number): number {
  const doubled = Math.min(longestMs, firstMs * 2 ** Math.min(attemptCount - 1, 30));
  const spread = doubled * (0.75 + random() / 2);
  return Math.round(Math.min(longestMs, Math.max(firstMs, spread)));
}
