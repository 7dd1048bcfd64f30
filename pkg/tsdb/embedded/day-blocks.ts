import type { DatabaseSync, StatementSync } from "node:sqlite";
import { openDayFile } from "./days.ts";
import { memoryOf, type OpenBlock, openBlock } from "./open-block.ts";

/** A block as it stands in its day file. */
export interface StoredBlock {
  block: OpenBlock;
  /** Log position up to which samples may be in it. */
  written: number;
}

/** Where a block stands; `stored` once it was read, null when it is damaged. */
interface BlockRow {
  id: number;
  fromMs: number;
  toMs: number;
  stored?: StoredBlock | null;
}

/** The blocks of one group of series in one day, in the order they were written. */
export interface GroupBlocks {
  rows: BlockRow[];
  /** Memory that those hold that were read. */
  bytes: number;
}

/** The file of a day, open for reading. */
export interface OpenDay {
  readonly database: DatabaseSync;
  /** Which blocks there are; those that are `known` are not read again. */
  list(group: number, known?: GroupBlocks): GroupBlocks;
  /** Reads those between two times that were not read yet. False when one is no longer there: list them again. */
  load(group: number, blocks: GroupBlocks, fromMs: number, toMs: number, onDamage: (text: string) => void): boolean;
}

const listSql =
  "select id, from_ms, to_ms from block indexed by block_of_group where series_group = ? order by series_group, id";
const loadSql = "select data, written from block where id = ? and series_group = ? and from_ms = ? and to_ms = ?";

/** Opens the file of a day; its `database` is to be closed. Throws when it cannot be read. */
export function openDay(folder: string, day: number): OpenDay {
  const database = openDayFile(folder, day);
  const [list, load] = [database.prepare(listSql), database.prepare(loadSql)];
  const checked = new Set<number>();
  return {
    database,
    list: (group, known) => listRows(list, group, known),
    load(group, blocks, fromMs, toMs, onDamage) {
      for (const row of blocks.rows) {
        if (row.stored !== undefined || row.fromMs > toMs || row.toMs < fromMs) continue;
        const found = load.get(row.id, group, row.fromMs, row.toMs);
        if (!found) return false;
        try {
          row.stored = toStored(found, checked.has(row.id));
          checked.add(row.id);
          blocks.bytes += memoryOf(row.stored.block);
        } catch (error) {
          if (!(error instanceof RangeError)) throw error;
          row.stored = null;
          onDamage(`block ${row.id} of day ${day} is damaged (${error.message}); it is left out`);
        }
      }
      return true;
    },
  };
}

function listRows(statement: StatementSync, group: number, known: GroupBlocks | undefined): GroupBlocks {
  const knownById = new Map(known?.rows.map((row) => [row.id, row]));
  const rows = statement.all(group).map((row) => {
    const found = { id: Number(row["id"]), fromMs: Number(row["from_ms"]), toMs: Number(row["to_ms"]) };
    const same = knownById.get(found.id);
    return same?.fromMs === found.fromMs && same.toMs === found.toMs ? same : found;
  });
  const bytes = rows.reduce((total, { stored }: BlockRow) => total + (stored ? memoryOf(stored.block) : 0), 0);
  return { rows, bytes };
}

function toStored({ data, written }: Record<string, unknown>, isChecked: boolean): StoredBlock {
  if (!(data instanceof Uint8Array)) throw new RangeError("it is no blob");
  return { block: openBlock(data, isChecked), written: Number(written) };
}
