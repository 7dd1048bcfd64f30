/** What a statement can carry in each database. */
export type SqlValue = string | number | bigint | null | Uint8Array;

/** Checked values of a statement; throws `TypeError` for what databases would store each in its own way. */
export function toSqlValues(parameters: readonly unknown[]): SqlValue[] {
  return parameters.map(toSqlValue);
}

function toSqlValue(value: unknown): SqlValue {
  if (value === null || typeof value === "string" || typeof value === "bigint") return value;
  if (typeof value === "boolean") return value ? 1 : 0;
  if (typeof value === "number") return toNumber(value);
  if (value instanceof Uint8Array) return value;
  throw new TypeError(`a ${value === undefined ? "missing value" : "plain object"} cannot be a SQL parameter`);
}

function toNumber(value: number): number | null {
  if (Number.isNaN(value)) return null;
  if (Number.isFinite(value)) return value;
  throw new TypeError("an infinity cannot be a SQL parameter: MariaDB has none");
}
