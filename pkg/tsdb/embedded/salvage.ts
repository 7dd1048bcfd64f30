import { DatabaseSync } from "node:sqlite";
import { inTransaction, isUnreadable } from "./database.ts";
import { openDayFile, setDayAside } from "./days.ts";

/**
 * Sets a damaged day file aside and makes a new one of the blocks that can still be read, with their numbers. Returns
 * in words for people what became of it.
 */
export function salvageDay(folder: string, day: number): string {
  const target = setDayAside(folder, day);
  const fresh = openDayFile(folder, day);
  try {
    const blocks = inTransaction(fresh, () => copyBlocks(target, fresh));
    return `it was set aside as ${target}, and ${blocks} blocks of it were found again`;
  } finally {
    fresh.close();
  }
}

const columns = "id, series_group, from_ms, to_ms, data, written";

/** Copies from both ends up to where SQLite cannot read on. */
function copyBlocks(path: string, into: DatabaseSync): number {
  const insert = into.prepare(`insert or ignore into block (${columns}) values (?, ?, ?, ?, ?, ?)`);
  let blocks = 0;
  for (const order of ["asc", "desc"]) {
    try {
      const from = new DatabaseSync(path, { readOnly: true });
      try {
        for (const row of from.prepare(`select ${columns} from block not indexed order by id ${order}`).iterate())
          blocks += Number(insert.run(...Object.values(row)).changes);
      } finally {
        from.close();
      }
    } catch (error) {
      if (!isUnreadable(error)) throw error;
    }
  }
  return blocks;
}
