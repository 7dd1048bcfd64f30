import { toSizeText } from "#pkg/config/size.ts";
import type { NamedStats } from "./port.ts";

export interface StoresHealth {
  status: "ok" | "degraded";
  detail: string;
}

/** A request that takes longer than this is worth telling. */
const slowMs = 2000;
/** A store that works has less waiting than this share of its bound. */
const fullShare = 0.5;

/** What people should know of the stores now. */
export function toHealth(stores: readonly NamedStats[], nowMs: number): StoresHealth {
  if (stores.length === 0) return { status: "ok", detail: "no store outside is named" };
  const isWell = (store: NamedStats) =>
    !store.trouble && !isSlow(store, nowMs) && store.waitingBytes < store.queueBytes * fullShare;
  return {
    status: stores.every(isWell) ? "ok" : "degraded",
    detail: stores.map((store) => toText(store, nowMs)).join("; "),
  };
}

function isSlow({ askedMs }: NamedStats, nowMs: number): boolean {
  return askedMs !== undefined && nowMs - askedMs > slowMs;
}

function toText(store: NamedStats, nowMs: number): string {
  const { name, address, waitingBytes, queueBytes, givenUp, refused } = store;
  const parts = [
    toState(store, nowMs),
    `${toSizeText(waitingBytes)} of ${toSizeText(queueBytes)} waiting`,
    ...(givenUp > 0 ? [`${givenUp} samples given up`] : []),
    ...(refused > 0 ? [`${refused} samples refused by it`] : []),
  ];
  return `${name} at ${address}: ${parts.join(", ")}`;
}

function toState(store: NamedStats, nowMs: number): string {
  const { trouble, askedMs } = store;
  if (trouble) {
    const what = { away: "away", denied: "says no", broken: "cannot be served" }[trouble.kind];
    return `${what} since ${new Date(trouble.sinceMs).toISOString()} (${trouble.words})`;
  }
  if (isSlow(store, nowMs)) return `no answer for ${Math.round((nowMs - (askedMs ?? nowMs)) / 1000)} s`;
  return store.waitingBytes < 1024 * 1024 ? "takes samples" : "catches up";
}
