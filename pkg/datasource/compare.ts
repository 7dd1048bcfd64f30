import type { Condition, DataRecord, DataValue, SortBy } from "./port.ts";

/** The field at a path: `name`, `tags.room`; null when it is not there. */
export function readField(record: DataRecord, path: string): DataValue {
  const direct = Object.hasOwn(record, path) ? record[path] : undefined;
  if (direct !== undefined || !path.includes(".")) return direct ?? null;
  let at: DataValue | undefined = record;
  for (const part of path.split(".")) {
    if (typeof at !== "object" || at === null || Array.isArray(at)) return null;
    at = Object.hasOwn(at, part) ? (at as DataRecord)[part] : undefined; // an array was ruled out above
  }
  return at ?? null;
}

/** What tells whether a record fits all conditions and holds the text. */
export function toPredicate(filter: readonly Condition[], search: string): (record: DataRecord) => boolean {
  return (record) => {
    for (const { field, operator, value } of filter)
      if (!holds(readField(record, field), operator, value)) return false;
    return search === "" || mentions(record, search);
  };
}

/** Whether one of its own texts holds this text, whatever the case. */
function mentions(record: DataRecord, search: string): boolean {
  const wanted = search.toLowerCase();
  return Object.values(record).some((value) => typeof value === "string" && value.toLowerCase().includes(wanted));
}

function holds(found: DataValue, operator: Condition["operator"], value: DataValue): boolean {
  if (operator === "contains") return toText(found).toLowerCase().includes(toText(value).toLowerCase());
  if (operator === "eq") return found === value;
  if (operator === "ne") return found !== value;
  // As in SQL, nothing is smaller or larger than null, nor than a value of another kind.
  if (typeof found !== typeof value || found === null || value === null) return false;
  const order = compareValues(found, value);
  return { lt: order < 0, le: order <= 0, gt: order > 0, ge: order >= 0 }[operator];
}

/** Orders records by these fields. */
export function comparerOf(sort: readonly SortBy[]): (a: DataRecord, b: DataRecord) => number {
  return (a, b) => {
    for (const { field, descending } of sort) {
      const order = compareValues(readField(a, field), readField(b, field));
      if (order !== 0) return descending ? -order : order;
    }
    return 0;
  };
}

/** Null, false, true, numbers, texts by code points, the rest by its JSON. */
export function compareValues(a: DataValue, b: DataValue): number {
  if (typeof a === "string" && typeof b === "string") return compareTexts(a, b);
  if (typeof a === "number" && typeof b === "number") return a - b;
  const [rankA, rankB] = [rankOf(a), rankOf(b)];
  if (rankA !== rankB) return rankA - rankB;
  return rankA === restRank ? compareTexts(JSON.stringify(a), JSON.stringify(b)) : Number(a) - Number(b);
}

const restRank = 4;

function rankOf(value: DataValue): number {
  if (value === null) return 0;
  return { boolean: 1, number: 2, string: 3 }[typeof value as string] ?? restRank;
}

/** JavaScript compares by UTF-16 units, databases by code points: they differ above U+FFFF. */
function compareTexts(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let index = 0; index < length; index++) {
    const [unitA, unitB] = [a.charCodeAt(index), b.charCodeAt(index)];
    if (unitA !== unitB) return toOrder(unitA) - toOrder(unitB);
  }
  return a.length - b.length;
}

const toOrder = (unit: number) => (unit >= 0xd800 && unit < 0xe000 ? unit + 0x10000 : unit);

const toText = (value: DataValue) => (typeof value === "string" ? value : JSON.stringify(value));
