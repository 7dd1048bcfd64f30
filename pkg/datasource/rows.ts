import { LRUCache } from "lru-cache";
import { comparerOf, compareValues, readField, toPredicate } from "./compare.ts";
import { type Plan, planQuery, toCursor } from "./cursor.ts";
import type { DataPage, DataQuery, DataRecord, DataValue, SortBy } from "./port.ts";

/** Somebody who turns pages, times a few people. */
const keptLists = 8;

/** Records in memory, in the order of their file; never changed in place. */
export interface Rows {
  all: readonly DataRecord[];
  find(id: string): DataRecord | undefined;
  list(query: DataQuery): DataPage;
}

/** Sorts once for each order and filters once for each filter that is asked for; a page is then a cut. */
export function createRows(all: readonly DataRecord[], key: string): Rows {
  let byId: Map<string, DataRecord> | undefined;
  const orders = new LRUCache<string, readonly DataRecord[]>({ max: keptLists });
  const lists = new LRUCache<string, readonly DataRecord[]>({ max: keptLists });
  const inOrder = (sort: readonly SortBy[]) =>
    remember(orders, JSON.stringify(sort), () => all.toSorted(comparerOf(sort)));
  const fitting = ({ filter, search, sort }: Plan) => {
    if (filter.length === 0 && search === "") return inOrder(sort);
    const isWanted = toPredicate(filter, search);
    return remember(lists, JSON.stringify([filter, search, sort]), () => {
      const sorted = orders.get(JSON.stringify(sort));
      return sorted ? sorted.filter(isWanted) : all.filter(isWanted).sort(comparerOf(sort));
    });
  };
  return {
    all,
    find(id) {
      byId ??= new Map(all.map((row) => [idOf(row, key), row]));
      return byId.get(id);
    },
    list(query) {
      const plan = planQuery(query, key);
      const { sort, limit, after } = plan;
      const found = fitting(plan);
      const start = after === undefined ? 0 : findAfter(found, sort, after);
      const items = found.slice(start, start + limit);
      const last = items.at(-1);
      const next = last && start + limit < found.length ? toCursor(last, sort) : null;
      return { items, next, total: found.length };
    },
  };
}

function remember<V extends object>(known: LRUCache<string, V>, name: string, make: () => V): V {
  const value = known.get(name) ?? make();
  known.set(name, value);
  return value;
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
