import type { RedisGroup } from "./group.ts";
import type { Streams } from "./streams.ts";

/** Parts whose readers have read all there was are done up to what the relay had brought by then. */
export async function learnTops(groups: Iterable<RedisGroup>, streams: Streams, lastSeq: number): Promise<void> {
  const parts = [...groups].flatMap((group) => [...group.parts.values()]);
  if (!parts.some(({ progress }) => progress.loadedTo < lastSeq)) return;
  const { relayed, parts: tops } = await streams.tops();
  for (const { part, progress, readyIn } of parts) {
    if (readyIn < 0 || (tops[part] ?? 0) > progress.loadedTo) continue;
    progress.loadedTo = Math.max(progress.loadedTo, relayed);
  }
}
