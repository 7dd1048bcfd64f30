import type { Column } from "../../columns.ts";
import type { DataRecord, DataValue } from "../../port.ts";

/** What a column of a table holds. */
export type Row = Record<string, string | number | null>;

export function toRow(record: DataRecord, columns: readonly Column[]): Row {
  return Object.fromEntries(
    columns.map(({ name, type }) => [name, toStored(Object.hasOwn(record, name) ? record[name] : null, type)]),
  );
}

/** Booleans are 0 and 1, JSON is text. */
export function toStored(value: DataValue | undefined, type: Column["type"]): string | number | null {
  if (value === undefined || value === null) return null;
  if (type === "json") return JSON.stringify(value);
  if (typeof value === "boolean") return value ? 1 : 0;
  return value as string | number; // the schema was checked; a condition's value is a scalar
}

export function fromRow(row: Row, columns: readonly Column[]): DataRecord {
  return Object.fromEntries(
    columns.flatMap(({ name, type, empty }) => {
      const value = row[name] ?? null;
      if (value === null) return empty === undefined ? [] : [[name, null]];
      if (type === "json") return [[name, JSON.parse(String(value)) as DataValue]]; // written by `toStored`
      return [[name, type === "boolean" ? value === 1 : value]];
    }),
  );
}
