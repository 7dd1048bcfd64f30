import type { Clock } from "#pkg/clock/port.ts";

/** Waiting that can be cut short. */
export interface Sleep {
  until(waitMs: number): Promise<void>;
  /** Ends the wait under way and every later one at once. */
  wake(): void;
}

export function createSleep(clock: Pick<Clock, "after">): Sleep {
  let isAwake = false;
  let end = () => {};
  return {
    until(waitMs) {
      if (isAwake) return Promise.resolve();
      return new Promise((resolve) => {
        const stop = clock.after(waitMs, resolve);
        end = () => {
          stop();
          resolve();
        };
      });
    },
    wake() {
      isAwake = true;
      end();
    },
  };
}
