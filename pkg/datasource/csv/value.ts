import type { Column } from "../columns.ts";
import type { DataValue } from "../port.ts";
import { fromCell, toCell } from "./formula.ts";

/** A cell as it was read; spreadsheets never quote an empty one, we do for a text that is there and empty. */
export interface Cell {
  text: string;
  quoted: boolean;
}

/** What a cell means in its column. What cannot be read stays the text it is: the schema then refuses it by its place. */
export function readValue({ text, quoted }: Cell, { type, nullable, empty }: Column): DataValue | undefined {
  if (text === "" && !(quoted && type === "text")) return nullable ? empty : "";
  if (type === "text") return fromCell(text);
  const trimmed = text.trim();
  if (type === "boolean") return readBoolean(trimmed);
  if (type === "json") return readJson(text);
  return readNumber(trimmed) ?? text;
}

/** The text of a value; undefined for nothing. */
export function writeValue(value: DataValue | undefined): string | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value === "string") return toCell(value);
  return typeof value === "object" ? toCell(JSON.stringify(value)) : String(value);
}

function readBoolean(text: string): boolean | string {
  if (/^(true|1)$/i.test(text)) return true;
  return /^(false|0)$/i.test(text) ? false : text;
}

/** Also with the decimal comma that spreadsheets write where `;` delimits. */
function readNumber(text: string): number | undefined {
  if (!/^[+-]?(\d+([.,]\d+)?|[.,]\d+)(e[+-]?\d+)?$/i.test(text)) return undefined;
  return Number(text.replace(",", "."));
}

function readJson(text: string): DataValue {
  try {
    return JSON.parse(fromCell(text)) as DataValue; // JSON holds nothing else
  } catch {
    return fromCell(text);
  }
}
