/** Time as the product sees it; tests hand in one they move by hand. */
export interface Clock {
  /** UTC milliseconds. May jump, as the machine's clock does. */
  now(): number;
  /** Calls back once after `delayMs`; the returned function takes it back. Never keeps the process alive. */
  after(delayMs: number, callback: () => void): () => void;
}

/** Waits; ends early, without error, when the signal fires. */
export function pause(delayMs: number, signal: AbortSignal, clock: Pick<Clock, "after">): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const end = () => {
      cancel();
      signal.removeEventListener("abort", end);
      resolve();
    };
    const cancel = clock.after(delayMs, end);
    signal.addEventListener("abort", end);
  });
}
