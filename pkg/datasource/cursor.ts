import { AppError } from "#pkg/errors/errors.ts";
import { readField } from "./compare.ts";
import type { DataQuery, DataRecord, DataValue, SortBy } from "./port.ts";

const defaultLimit = 100;
const largestLimit = 1000;

/** A query with everything decided. */
export interface Plan {
  filter: NonNullable<DataQuery["filter"]>;
  search: string;
  /** Ends with the key: no two records are equal. */
  sort: readonly SortBy[];
  limit: number;
  /** The sort fields of the last record of the page before. */
  after: readonly DataValue[] | undefined;
}

/** Throws `AppError("bad_request")` on a limit, a field or a cursor that is none. */
export function planQuery(query: DataQuery, key: string): Plan {
  const { filter = [], search = "", sort = [], limit = defaultLimit, cursor } = query;
  if (!Number.isInteger(limit) || limit < 1 || limit > largestLimit) {
    throw new AppError("bad_request", {
      at: "limit",
      message: `${limit} is not 1 to ${largestLimit}`,
      mend: "leave it out",
    });
  }
  const whole = sort.some(({ field }) => field === key) ? sort : [...sort, { field: key }];
  return {
    filter,
    search,
    sort: whole,
    limit,
    after: cursor === undefined ? undefined : parseCursor(cursor, whole.length),
  };
}

export function toCursor(record: DataRecord, sort: readonly SortBy[]): string {
  return Buffer.from(JSON.stringify(sort.map(({ field }) => readField(record, field)))).toString("base64url");
}

function parseCursor(cursor: string, length: number): readonly DataValue[] {
  try {
    const values: unknown = JSON.parse(Buffer.from(cursor, "base64url").toString());
    if (Array.isArray(values) && values.length === length) return values as DataValue[]; // JSON holds nothing else
  } catch {
    // Falls through to the one refusal below: whatever is wrong with it, it is not one of ours.
  }
  throw new AppError("bad_request", {
    at: "cursor",
    message: "it is none of this list",
    mend: "start without a cursor, and keep filter and sort from page to page",
  });
}
