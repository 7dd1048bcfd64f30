import type { ScanPace } from "#pkg/contracts/scanner.ts";

/** Says when a packet or connection may leave, so that the scan, each /24 and each device stay within their rates. */
export interface Pacer {
  /** Takes a turn if all limits allow one at `nowMs`. `network` is what `networkOf` says of the address. */
  tryTake(network: string, nowMs: number): boolean;
  /** How long from `nowMs` until a turn is possible; 0 is now. */
  waitMs(network: string, nowMs: number): number;
}

/** How much may leave at once after a pause: what 50 ms are worth, so that timers of 1–15 ms do not slow the pace. */
const burstMs = 50;

/** A pacer by the rates of `pace`; 0 is no limit. Holds one number a network. */
export function createPacer(pace: Pick<ScanPace, "perSecond" | "perNetworkPerSecond">): Pacer {
  const stepMs = pace.perSecond > 0 ? 1000 / pace.perSecond : 0;
  const networkStepMs = pace.perNetworkPerSecond > 0 ? 1000 / pace.perNetworkPerSecond : 0;
  let nextMs = 0;
  const nextOfNetwork = new Map<string, number>();

  const waitMs = (network: string, nowMs: number) =>
    Math.max(0, dueAt(nextMs, stepMs) - nowMs, dueAt(nextOfNetwork.get(network) ?? 0, networkStepMs) - nowMs);

  return {
    waitMs,
    tryTake(network, nowMs) {
      if (stepMs === 0 && networkStepMs === 0) return true;
      if (waitMs(network, nowMs) > 0) return false;
      nextMs = Math.max(nextMs, nowMs) + stepMs;
      if (networkStepMs > 0)
        nextOfNetwork.set(network, Math.max(nextOfNetwork.get(network) ?? 0, nowMs) + networkStepMs);
      return true;
    },
  };
}

/** Slow rates (steps longer than the burst) allow no burst at all: one turn a step. */
function dueAt(nextMs: number, stepMs: number): number {
  return nextMs - Math.max(0, burstMs - stepMs);
}

/** The /24 of an IPv4 address (its first three numbers); the first four groups of an IPv6 address. */
export function networkOf(address: string): string {
  return address.includes(":") ? address.split(":").slice(0, 4).join(":") : address.slice(0, address.lastIndexOf("."));
}

/** Waits; ends early, without error, when the signal fires. */
export function pause(ms: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted || ms <= 0) return Promise.resolve();
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener("abort", done, { once: true });
  });
}
