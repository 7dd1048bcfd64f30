import { mkdirSync, renameSync, statSync } from "node:fs";
import { appendFile } from "node:fs/promises";
import { join } from "node:path";
import type { SeriesCatalogue } from "#pkg/tsdb/port.ts";
import { createLineWriter } from "./line-protocol.ts";
import type { Rows } from "./rows.ts";

/** Keeps what a store refused for good, where people can read it. */
export interface SetAside {
  /** Rows `from` (included) to `to`, with the server's words. */
  keep(rows: Rows, from: number, to: number, words: string): Promise<void>;
}

/** Two files of this size at most for each store: the older goes when the newer is full. */
const mostBytes = 8 * 2 ** 20;

/** `NAME.refused.lp`: line protocol with times in ms, the store's words as a comment above. */
export function createSetAside(folder: string, name: string, catalogue: Pick<SeriesCatalogue, "describe">): SetAside {
  const encode = createLineWriter(catalogue);
  const path = join(folder, `${name}.refused.lp`);
  return {
    async keep(rows, from, to, words) {
      const { bytes } = encode(rows, from, to);
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      if ((statSync(path, { throwIfNoEntry: false })?.size ?? 0) > mostBytes) renameSync(path, `${path}.old`);
      await appendFile(path, `# ${words}\n${bytes}`, { mode: 0o600 });
    },
  };
}
