const firstMs = 1000;
const mostMs = 60_000;
const healthyMs = 60_000;

/** How long to wait before the next start: 1 s, doubled up to 1 min, back to 1 s after a minute of health. */
export function createBackOff(): { next(ranMs: number): number; reset(): void } {
  let delayMs = firstMs;
  return {
    next(ranMs) {
      if (ranMs >= healthyMs) delayMs = firstMs;
      const current = delayMs;
      delayMs = Math.min(mostMs, delayMs * 2);
      return current;
    },
    reset() {
      delayMs = firstMs;
    },
  };
}
