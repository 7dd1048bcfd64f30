import type { ProfileRowScale } from "#pkg/contracts/profile.ts";
import { type SnmpValue, toNumber, toText } from "./value.ts";
import type { Row } from "./walk.ts";

/** Values of a column by row index, for readings of other columns. */
export interface Column {
  /** The value of the row, or of the row in a shorter table whose index is the beginning of this one's. */
  at(index: readonly number[]): SnmpValue | null;
}

/** Looks rows up by index. */
export function createColumn(rows: readonly Row[]): Column {
  const values = new Map(rows.map(({ index, value }) => [index.join("."), value]));
  return {
    at(index) {
      for (let length = index.length; length > 0; length--) {
        const value = values.get(index.slice(0, length).join("."));
        if (value) return value;
      }
      return null;
    },
  };
}

/** Arc 1 is the first of the index, -1 the last. */
export function arcOf(index: readonly number[], arc: number): number | undefined {
  return index.at(arc > 0 ? arc - 1 : arc);
}

/** The factor that a row's own column gives; null when it says nothing that is understood. */
export function factorOf(rule: ProfileRowScale, value: SnmpValue | null): number | null {
  if (rule.by === "map") return (value && rule.map?.[toText(value) ?? ""]) ?? null;
  const number = value && toNumber(value);
  if (number === null || Math.abs(number) > 1e6) return null;
  switch (rule.by) {
    case "decimals":
      return 10 ** -number;
    case "exponent":
      return 10 ** number;
    case "divisor":
      return number > 0 ? 1 / number : null;
    case "signed":
      return number < 0 ? -1 / number : number || 1;
  }
}
