import type { TObject } from "typebox";
import type { FieldError } from "#pkg/errors/errors.ts";
import type { Tx } from "#pkg/sql/port.ts";

/** What a field may hold. */
export type DataValue = null | boolean | number | string | readonly DataValue[] | { readonly [key: string]: DataValue };

/** One record: fields by name. */
export type DataRecord = Readonly<Record<string, DataValue>>;

export const operators = ["eq", "ne", "lt", "le", "gt", "ge", "contains"] as const;

/** `contains` looks into texts, whatever the case. A field is a path: `tags.room`. */
export interface Condition {
  field: string;
  operator: (typeof operators)[number];
  value: null | boolean | number | string;
}

export interface SortBy {
  field: string;
  descending?: boolean;
}

export interface DataQuery {
  /** All must hold. */
  filter?: readonly Condition[];
  /** Stands in one of the record's own text fields, whatever the case. */
  search?: string;
  /** The key decides between equals. By the key when absent. */
  sort?: readonly SortBy[];
  /** 1 to 1000; 100 when absent. */
  limit?: number;
  /** `next` of the page before; with the same filter and sort. */
  cursor?: string;
}

export interface DataPage {
  items: DataRecord[];
  /** Null at the end. */
  next: string | null;
  /** How many records fit the filter. */
  total: number;
}

/**
 * Records of one shape, wherever they lie: a CSV, JSON or YAML file, a table, a resource of the product.
 *
 * - Each has a key field, unique as text. Order: null before false, true, numbers, texts by code points, the rest by its
 *   JSON; the cursor is where the last page ended, so records that come or go shift nothing.
 * - A record is checked against `schema` before it is written, and when it is read from a file. What does not fit is
 *   `AppError("unprocessable")` with every wrong place in `fields` (`/3/height` of a batch); nothing is written then.
 * - A batch happens whole or not at all, and in one step; of a resource one after the other, and when one is refused
 *   those before are taken back.
 * - `AppError("conflict")`: a key that is there already; a file that somebody else changed since it was read (his change
 *   stands, and the next call sees it). `AppError("not_found")`: no such key. `AppError("read_only")`.
 * - Files are written atomically and keep their delimiter, line ends, byte order mark and (YAML) comments. Changes from
 *   outside are seen by the next call. A file is at most 64 MB, a YAML file 4 MB.
 */
export interface DataSource {
  schema: TObject;
  /** Name of the key field. */
  key: string;
  writable: boolean;
  list(query?: DataQuery): Promise<DataPage>;
  get(id: string): Promise<DataRecord | undefined>;
  /** What was stored. */
  create(record: DataRecord): Promise<DataRecord>;
  /** Changes the fields that are given. */
  update(id: string, changes: DataRecord): Promise<DataRecord>;
  delete(id: string): Promise<void>;
  createMany(records: readonly DataRecord[]): Promise<DataRecord[]>;
  /** Each record names its key, and the fields to change. */
  updateMany(records: readonly DataRecord[]): Promise<DataRecord[]>;
  /** What is wrong with it; empty when nothing is. */
  validate(record: DataRecord): FieldError[];
}

/** One step of an edit; the records are whole and checked. */
export type Change =
  | { kind: "create"; record: DataRecord }
  | { kind: "update"; id: string; before: DataRecord; record: DataRecord }
  | { kind: "delete"; id: string; before: DataRecord };

/**
 * Is told the changes of one edit before they are made. Of a table: within the transaction that makes them, given as
 * `tx`, so that they and what is written by it stand or fall together. Of a file, which takes part in no transaction, or
 * a resource: just before; the edit may still fail. A throw refuses the edit.
 */
export type ChangeNote = (changes: readonly Change[], tx?: Tx) => Promise<void>;

/** A source whose edits can be told to somebody. */
export interface NotedSource extends DataSource {
  /** The same source: edits through it are told to `note`. */
  noting(note: ChangeNote): DataSource;
}
