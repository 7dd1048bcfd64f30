import { LRUCache } from "lru-cache";
import type { GroupBlocks } from "./day-blocks.ts";

/** Blocks that were read lately, by day and group of series. */
export interface KeptBlocks {
  /** Undefined also when they were listed before the last addition, `additions` being how many there were. */
  get(day: number, group: number, additions: number): GroupBlocks | undefined;
  /** The same, however long ago they were listed. */
  getOlder(day: number, group: number): GroupBlocks | undefined;
  set(day: number, group: number, additions: number, blocks: GroupBlocks): void;
  delete(day: number, group: number): void;
  clear(): void;
}

interface Listed {
  blocks: GroupBlocks;
  additions: number;
}

/** What a place in a list of blocks costs. */
const rowBytes = 100;

/** Keeps up to so many bytes; what was not used for the longest time goes first. */
export function createKeptBlocks(mostBytes: number): KeptBlocks {
  const kept = new LRUCache<string, Listed>({
    maxSize: mostBytes,
    sizeCalculation: ({ blocks }) => blocks.bytes + (blocks.rows.length + 1) * rowBytes,
  });
  const toKey = (day: number, group: number) => `${day} ${group}`;
  return {
    get(day, group, additions) {
      const listed = kept.get(toKey(day, group));
      return listed?.additions === additions ? listed.blocks : undefined;
    },
    getOlder: (day, group) => kept.get(toKey(day, group))?.blocks,
    set: (day, group, additions, blocks) => void kept.set(toKey(day, group), { blocks, additions }),
    delete: (day, group) => void kept.delete(toKey(day, group)),
    clear: () => kept.clear(),
  };
}
