import type { Clock } from "#pkg/clock/port.ts";
import { AppError } from "#pkg/errors/errors.ts";

/** How many attempts are free, and how long the wait grows. */
export interface ThrottleLimits {
  free: number;
  maxWaitMs: number;
}

/**
 * Slows down guessing. After the free attempts each next one waits twice as long as the one before, from 1 s on. Kept
 * in memory: a restart forgets, and costs a guesser more than it gains. At most 10,000 keys; the oldest go first.
 */
export interface Throttle {
  /** Counts an attempt before it is made, so that many at once do not slip through. Throws `AppError("too_many")`. */
  attempt(key: string): void;
  /** The attempt was good: forgets all attempts of this key. */
  forget(key: string): void;
  /** The attempt was good: it does not count, those before it still do. */
  takeBack(key: string): void;
}

const forgetAfterMs = 3_600_000;
const maxKeys = 10_000;

export function createThrottle({ free, maxWaitMs }: ThrottleLimits, clock: Clock): Throttle {
  const seen = new Map<string, { count: number; atMs: number }>();
  const waitMs = (count: number) => (count < free ? 0 : Math.min(maxWaitMs, 1000 * 2 ** (count - free)));
  return {
    attempt(key) {
      const nowMs = clock.now();
      const known = seen.get(key);
      const count = known && nowMs - known.atMs < forgetAfterMs ? known.count : 0;
      const remainingMs = known ? known.atMs + waitMs(count) - nowMs : 0;
      if (count > 0 && remainingMs > 0) throw tooMany(remainingMs);
      seen.delete(key);
      const oldest = seen.keys().next();
      if (seen.size >= maxKeys && !oldest.done) seen.delete(oldest.value);
      seen.set(key, { count: count + 1, atMs: nowMs });
    },
    forget: (key) => void seen.delete(key),
    takeBack(key) {
      const known = seen.get(key);
      if (known) known.count--;
    },
  };
}

function tooMany(remainingMs: number): AppError {
  const seconds = Math.ceil(remainingMs / 1000);
  return new AppError("too_many", {
    message: "too many failed attempts",
    mend: `try again in ${seconds} s`,
    retryAfterS: seconds,
  });
}

/** What stands for a caller's network: IPv6 hosts own a whole /64, and could use another address for each guess. */
export function networkOf(address: string): string {
  const bare = address.replace(/^::ffff:(?=\d+\.)/i, "");
  if (!bare.includes(":")) return bare;
  const [front = [], back] = bare.split("::").map((half) => half.split(":").filter(Boolean));
  const zeros = Array<string>(Math.max(0, 8 - front.length - (back?.length ?? 0))).fill("0");
  return [...front, ...zeros].slice(0, 4).join(":");
}
