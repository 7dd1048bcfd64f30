import { type Expression, type ExpressionBuilder, type SqlBool, sql } from "kysely";
import { AppError } from "#pkg/errors/errors.ts";
import type { Column } from "../../columns.ts";
import type { Condition, DataValue, SortBy } from "../../port.ts";
import type { OneTable } from "../sql.ts";
import { toStored } from "./row.ts";

type Where = ExpressionBuilder<OneTable, string>;

const comparisons = { lt: "<", le: "<=", gt: ">", ge: ">=" } as const;

/** Throws `AppError("bad_request")`: a table has its columns and no paths into them. */
export function refuseUnknownFields(asked: readonly { field: string }[], columns: readonly Column[]): void {
  const unknown = asked.find(({ field }) => !columns.some(({ name }) => name === field));
  if (!unknown) return;
  throw new AppError("bad_request", {
    at: unknown.field.slice(0, 100),
    message: "it is no column of the table",
    mend: `one of ${columns.map(({ name }) => name).join(", ")}`,
  });
}

export function whereFits(
  where: Where,
  { field, operator, value }: Condition,
  columns: readonly Column[],
): Expression<SqlBool> {
  const type = columns.find(({ name }) => name === field)?.type ?? "text";
  if (operator === "contains") return contains(field, String(value));
  const stored = toStored(value, type);
  if (operator === "eq") return stored === null ? where(field, "is", null) : where(field, "=", stored);
  if (operator === "ne") {
    if (stored === null) return where(field, "is not", null);
    return where.or([where(field, "<>", stored), where(field, "is", null)]);
  }
  return where(field, comparisons[operator], stored);
}

/** Whether one of the texts holds this text. */
export function whereMentions(where: Where, search: string, columns: readonly Column[]): Expression<SqlBool> {
  const texts = columns.filter(({ type }) => type === "text");
  return search === "" ? sql<SqlBool>`1 = 1` : where.or(texts.map(({ name }) => contains(name, search)));
}

function contains(field: string, text: string): Expression<SqlBool> {
  const pattern = `%${text.replaceAll(/[!%_]/g, "!$&")}%`;
  return sql<SqlBool>`lower(${sql.ref(field)}) like lower(${pattern}) escape '!'`;
}

/** What stands behind the place where a page ended: greater in the first field, or equal there and greater in the next. */
export function whereAfter(
  where: Where,
  sort: readonly SortBy[],
  after: readonly DataValue[],
  columns: readonly Column[],
): Expression<SqlBool> {
  const valueAt = (index: number) =>
    toStored(after[index], columns.find(({ name }) => name === sort[index]?.field)?.type ?? "text");
  const isEqual = ({ field }: SortBy, index: number) => {
    const value = valueAt(index);
    return value === null ? where(field, "is", null) : where(field, "=", value);
  };
  return where.or(
    sort.map((last, index) => where.and([...sort.slice(0, index).map(isEqual), isBehind(where, last, valueAt(index))])),
  );
}

/** Null comes first, so behind everything in a descending order. */
function isBehind(where: Where, { field, descending }: SortBy, value: string | number | null): Expression<SqlBool> {
  if (!descending) return value === null ? where(field, "is not", null) : where(field, ">", value);
  if (value === null) return sql<SqlBool>`1 = 0`;
  return where.or([where(field, "<", value), where(field, "is", null)]);
}
