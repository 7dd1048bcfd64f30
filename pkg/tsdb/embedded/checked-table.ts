import type { DatabaseSync } from "node:sqlite";
import { checksumOfRow, type RowValue } from "./checksum.ts";
import { isUnreadable } from "./database.ts";

/** A table whose rows have checksums; its first column is the key. */
export interface TableShape {
  name: string;
  columns: readonly { name: string; type: "number" | "text" | "blob" }[];
  /** Whether each row stands in a second table too, `<name>_copy`: nothing else could bring it back. */
  hasCopy: boolean;
}

/** What can be read of a table. */
export interface ReadTable {
  rows: RowValue[][];
  /** Rows of which nothing good was found; of one that was lost without a trace nothing is known. */
  damaged: number;
  /** Whether anything is wrong, also what the copy made good. */
  hasDamage: boolean;
}

/** Reads and writes such a table; of a file that is open, in the transaction of who asks. */
export interface CheckedTable {
  /** Puts a row, or another in its place, with its checksum. */
  put(values: readonly RowValue[]): void;
  remove(key: RowValue): void;
  /** The row with this key. Throws `RangeError` when it is damaged. */
  get(key: RowValue): RowValue[] | undefined;
  /** Whether there is a row with this key, damaged or not. */
  has(key: RowValue): boolean;
  readAll(): ReadTable;
}

/** A row with its key as it reads; no values when it is damaged. */
type Found = { key: unknown; values: RowValue[] | undefined };

export function openCheckedTable(database: DatabaseSync, shape: TableShape): CheckedTable {
  const { name, columns } = shape;
  const key = columns[0]?.name ?? "";
  const names = columns.map((column) => column.name);
  // Numbers as floats: an integer whose bits turned may be one that Node refuses to read.
  const wanted = columns.map((column) =>
    column.type === "number" ? `cast(${column.name} as real) ${column.name}` : column.name,
  );
  const select = `select ${wanted.join(", ")}, cast(checksum as real) checksum from`;
  const marks = [...names, ""].map(() => "?").join(", ");
  const tables = (shape.hasCopy ? [name, `${name}_copy`] : [name]).map((table) => ({
    put: database.prepare(`insert or replace into ${table} (${names.join(", ")}, checksum) values (${marks})`),
    remove: database.prepare(`delete from ${table} where ${key} = ?`),
    get: database.prepare(`${select} ${table} where ${key} = ?`),
    // What SQLite cannot read on from one end it may from the other.
    lists: ["", " desc"].map((order) => database.prepare(`${select} ${table} order by ${key}${order}`)),
  }));
  const check = (row: Record<string, unknown>): Found => ({ key: row[key], values: takeRow(shape, row) });
  return {
    put(values) {
      for (const table of tables) table.put.run(...values, checksumOfRow(name, values));
    },
    remove(value) {
      for (const table of tables) table.remove.run(value);
    },
    get(value) {
      const found = tables.flatMap((table) => {
        const row = table.get.get(value);
        return row ? [check(row)] : [];
      });
      const good = found.find(({ values }) => values !== undefined);
      if (found.length > 0 && !good) throw new RangeError(`row ${value} of table ${name} is damaged`);
      return good?.values;
    },
    has: (value) => tables.some(({ get }) => get.get(value) !== undefined),
    readAll() {
      const read = tables.map(({ lists }) => {
        const all = lists.map((list) => readList(list, check));
        return all[0]?.isWhole ? all[0] : { found: all.flatMap(({ found }) => found), isWhole: false };
      });
      return join(read);
    },
  };
}

function readList(
  list: ReturnType<DatabaseSync["prepare"]>,
  check: (row: Record<string, unknown>) => Found,
): { found: Found[]; isWhole: boolean } {
  const found: Found[] = [];
  try {
    for (const row of list.iterate()) found.push(check(row));
    return { found, isWhole: true };
  } catch (error) {
    if (!isUnreadable(error)) throw error;
    return { found, isWhole: false };
  }
}

function takeRow({ name, columns }: TableShape, row: Record<string, unknown>): RowValue[] | undefined {
  const values: RowValue[] = [];
  for (const column of columns) {
    const value = row[column.name];
    const isRight =
      column.type === "blob"
        ? value instanceof Uint8Array
        : typeof value === (column.type === "text" ? "string" : "number");
    if (!isRight) return undefined;
    // One of the three, as was just seen.
    values.push(value as RowValue);
  }
  return checksumOfRow(name, values) === row["checksum"] ? values : undefined;
}

/** What is good in one table or the other. */
function join(read: readonly { found: readonly Found[]; isWhole: boolean }[]): ReadTable {
  const good = new Map<RowValue, RowValue[]>();
  for (const { found } of read)
    for (const { values } of found) if (values?.[0] !== undefined) good.set(values[0], values);
  const keys = read.map(({ found }) => new Set(found.map(({ key }) => key)).size);
  const isWhole = read.every(({ found, isWhole }) => isWhole && found.every(({ values }) => values));
  return {
    rows: [...good.values()],
    damaged: Math.max(0, Math.max(...keys) - good.size),
    hasDamage: !isWhole || keys.some((count) => count !== good.size),
  };
}
