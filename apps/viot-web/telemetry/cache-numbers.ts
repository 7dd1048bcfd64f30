import type { CacheCounts, CacheFill } from "#pkg/cache/port.ts";
import type { Telemetry } from "#pkg/telemetry/port.ts";
import type { Caches } from "../storage/caches.ts";

/** How full the process' cache is, and what every name space gains. */
export function registerCacheNumbers(telemetry: Telemetry, { own, shared }: Caches): void {
  const spaces = () => [...own.counts(), ...(shared === own ? [] : shared.counts())];
  const counter = (name: string, help: string, read: (counts: Readonly<CacheCounts>) => number) =>
    telemetry.add({
      ...{ name: `detectviz_cache_${name}_total`, help, type: "counter", labels: ["space"] },
      read: () => spaces().map(([space, counts]) => ({ labels: { space }, value: read(counts) })),
    });
  counter("hits", "Values that were there.", ({ hits }) => hits);
  counter("misses", "Values that were not there.", ({ misses }) => misses);
  counter("stored", "Values that were kept.", ({ stored }) => stored);
  counter("too_large", "Values that were too large to be kept.", ({ tooLarge }) => tooLarge);
  counter("failed", "Calls that the server did not answer.", ({ failed }) => failed);

  const fill = (type: "gauge" | "counter", name: string, help: string, read: (fill: CacheFill) => number) =>
    telemetry.add({ name: `detectviz_cache_${name}`, help, type, read: () => read(own.fill() ?? nothing) });
  fill("gauge", "entries", "Entries in this process.", ({ entries }) => entries);
  fill("gauge", "entries_limit", "At this many, what was used least recently goes.", ({ maxEntries }) => maxEntries);
  fill("gauge", "bytes", "Bytes in this process.", ({ bytes }) => bytes);
  fill("gauge", "limit_bytes", "At this size, what was used least recently goes.", ({ maxBytes }) => maxBytes);
  fill("counter", "evicted_total", "Values thrown out before their time.", ({ evicted }) => evicted);
}

const nothing: CacheFill = { entries: 0, maxEntries: 0, bytes: 0, maxBytes: 0, evicted: 0 };
