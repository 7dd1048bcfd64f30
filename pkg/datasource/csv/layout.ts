import { AppError } from "#pkg/errors/errors.ts";
import type { Column } from "../columns.ts";
import type { DataRecord, DataValue } from "../port.ts";
import { fromCell } from "./formula.ts";
import { type Cell, readValue, writeValue } from "./value.ts";

/** One column of a table: a field, or one entry of a field that is an object (`tags.room`). */
interface Place {
  header: string;
  column: Column;
  entry: string | undefined;
}

const entryColumn = (name: string): Column => ({ name, type: "text", nullable: true, empty: undefined });

/** Reads the header. Throws `AppError("unprocessable")` on a column that is unknown or comes twice. */
export function readHeader(
  headers: readonly string[],
  columns: readonly Column[],
  at: string,
): (cells: readonly Cell[]) => DataRecord {
  const places = headers.map((header) => findPlace(fromCell(header.trim()), columns, at));
  const twice = places.find(({ header }, index) => places.findIndex((other) => other.header === header) !== index);
  if (twice)
    throw new AppError("unprocessable", {
      at,
      message: `the column "${twice.header}" comes twice`,
      mend: "remove one",
    });
  return (cells) => toRecord(cells, places);
}

function findPlace(header: string, columns: readonly Column[], at: string): Place {
  const column = columns.find(({ name }) => name === header);
  if (column) return { header, column, entry: undefined };
  const whole = columns.find(({ name, type }) => type === "json" && header.startsWith(`${name}.`));
  if (whole) return { header, column: whole, entry: header.slice(whole.name.length + 1) };
  throw new AppError("unprocessable", {
    at,
    message: `there is no column "${header.slice(0, 100)}"`,
    mend: `the first line names columns: ${columns.map(({ name }) => name).join(", ")}`,
  });
}

function toRecord(cells: readonly Cell[], places: readonly Place[]): DataRecord {
  const record: Record<string, DataValue> = {};
  for (const [index, { column, entry }] of places.entries()) {
    const cell = cells[index] ?? { text: "", quoted: false };
    const value = readValue(cell, entry === undefined ? column : entryColumn(entry));
    if (entry === undefined && value !== undefined) define(record, column.name, value);
    if (entry !== undefined) addEntry(record, column, entry, value);
  }
  return record;
}

/** Where no entry of an object is there, the object is not, unless there has to be one. */
function addEntry(
  record: Record<string, DataValue>,
  column: Column,
  entry: string,
  value: DataValue | undefined,
): void {
  if (value === undefined && (Object.hasOwn(record, column.name) || column.nullable)) {
    if (column.empty === null && !Object.hasOwn(record, column.name)) define(record, column.name, null);
    return;
  }
  const object = ownOf(record, column.name) ?? {};
  if (value !== undefined) define(object as Record<string, DataValue>, entry, value); // only this puts anything there
  define(record, column.name, object);
}

/** A header may say `__proto__`. */
function define(object: Record<string, DataValue>, name: string, value: DataValue): void {
  Object.defineProperty(object, name, { value, enumerable: true, configurable: true, writable: true });
}

/** The table's columns for these records: an object of texts is spread over columns of its own. */
export function layOut(records: readonly DataRecord[], columns: readonly Column[]): readonly Place[] {
  return columns.flatMap((column): Place[] => {
    const entries = column.type === "json" ? entriesOf(records, column) : undefined;
    if (!entries) return [{ header: column.name, column, entry: undefined }];
    return entries.map((entry) => ({ header: `${column.name}.${entry}`, column, entry }));
  });
}

/** Undefined when it cannot be spread and read back the same. */
function entriesOf(records: readonly DataRecord[], { name, empty }: Column): string[] | undefined {
  const names = new Set<string>();
  for (const record of records) {
    const value = ownOf(record, name) ?? null;
    if (value === null) continue;
    if (typeof value !== "object" || Array.isArray(value)) return undefined;
    if (empty === null && Object.keys(value).length === 0) return undefined;
    for (const [entry, text] of Object.entries(value)) {
      if (typeof text !== "string") return undefined;
      names.add(entry);
    }
  }
  return names.size > 0 ? [...names].sort() : undefined;
}

/** What stands under this name itself: every object has a `valueOf` that it inherits. */
function ownOf(object: Readonly<Record<string, DataValue>> | null | undefined, name: string): DataValue | undefined {
  return object && Object.hasOwn(object, name) ? object[name] : undefined;
}

/** A record's cells, in the order of `places`; undefined where there is nothing. */
export function toCells(record: DataRecord, places: readonly Place[]): (string | undefined)[] {
  return places.map(({ column, entry }) => {
    const whole = ownOf(record, column.name);
    if (entry === undefined) return writeValue(whole);
    return writeValue(ownOf(whole as Readonly<Record<string, DataValue>> | null | undefined, entry)); // `entriesOf` has looked
  });
}
