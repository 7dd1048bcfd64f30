import { setTimeout as wait } from "node:timers/promises";

const firstPauseMs = 20;
const longestPauseMs = 500;

/** When to stop trying: whatever comes first. */
export interface RetryBounds {
  attempts: number;
  forMs: number;
}

/** Runs `attempt` again while its error is passing, with growing pauses; then throws the last error. */
export async function retried<R>(
  attempt: () => Promise<R>,
  isPassing: (error: unknown) => boolean,
  { attempts, forMs }: RetryBounds,
): Promise<R> {
  const deadline = performance.now() + forMs;
  for (let tried = 1; ; tried++) {
    try {
      return await attempt();
    } catch (error) {
      if (tried >= attempts || performance.now() > deadline || !isPassing(error)) throw error;
    }
    // Those who met at one lock must not meet there again.
    await wait(Math.min(longestPauseMs, firstPauseMs * 2 ** (tried - 1)) * (0.5 + Math.random()));
  }
}
