import { LRUCache } from "lru-cache";
import { comparerOf, compareValues, fits, mentions, readField } from "./compare.ts";
import { planQuery, toCursor } from "./cursor.ts";
import type { DataPage, DataQuery, DataRecord, DataValue, SortBy } from "./port.ts";

/** Records in memory, in the order of their file; never changed in place. */
export interface Rows {
  all: readonly DataRecord[];
  find(id: string): DataRecord | undefined;
  list(query: DataQuery): DataPage;
}

/** Sorts once for each order that is asked for; a page is then a cut, and with a filter one pass. */
export function createRows(all: readonly DataRecord[], key: string): Rows {
  let byId: Map<string, DataRecord> | undefined;
  const orders = new LRUCache<string, readonly DataRecord[]>({ max: 8 });
  const inOrder = (sort: readonly SortBy[]) => {
    const name = JSON.stringify(sort);
    const known = orders.get(name) ?? all.toSorted(comparerOf(sort));
    orders.set(name, known);
    return known;
  };
  return {
    all,
    find(id) {
      byId ??= new Map(all.map((row) => [idOf(row, key), row]));
      return byId.get(id);
    },
    list(query) {
      const { filter, search, sort, limit, after } = planQuery(query, key);
      const ordered = inOrder(sort);
      const isWhole = filter.length === 0 && search === "";
      const fitting = isWhole ? ordered : ordered.filter((row) => fits(row, filter) && mentions(row, search));
      const start = after === undefined ? 0 : findAfter(fitting, sort, after);
      const items = fitting.slice(start, start + limit);
      const last = items.at(-1);
      const next = last && start + limit < fitting.length ? toCursor(last, sort) : null;
      return { items, next, total: fitting.length };
    },
  };
}

/** The key's value as it stands in addresses. */
export function idOf(record: DataRecord, key: string): string {
  const value = record[key];
  return typeof value === "string" ? value : JSON.stringify(value ?? null);
}

/** Index of the first record behind the place where a page ended. */
function findAfter(rows: readonly DataRecord[], sort: readonly SortBy[], after: readonly DataValue[]): number {
  let [low, high] = [0, rows.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (isAfter(rows[middle] as DataRecord, sort, after))
      high = middle; // low ≤ middle < high ≤ length
    else low = middle + 1;
  }
  return low;
}

function isAfter(row: DataRecord, sort: readonly SortBy[], after: readonly DataValue[]): boolean {
  for (const [index, { field, descending }] of sort.entries()) {
    const order = compareValues(readField(row, field), after[index] ?? null);
    if (order !== 0) return descending ? order < 0 : order > 0;
  }
  return false;
}
