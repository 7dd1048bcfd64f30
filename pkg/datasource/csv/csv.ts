import { setImmediate as turn } from "node:timers/promises";
import type { CsvError } from "csv-parse";
import { AppError } from "#pkg/errors/errors.ts";
import type { Column } from "../columns.ts";
import type { DataRecord } from "../port.ts";
import { type Dialect, decodeText, detectDialect } from "./dialect.ts";
import { toCell } from "./formula.ts";
import { layOut, readHeader, toCells } from "./layout.ts";
import type { Cell } from "./value.ts";

const charactersATurn = 64 * 1024;
const rowsATurn = 1000;

/**
 * Reads CSV as spreadsheets write it: `,` `;` or tab, quotes, line ends inside them, CRLF, byte order mark, empty lines.
 * Other work goes on meanwhile. Throws `AppError("unprocessable")` that names the line or the column.
 */
export async function readCsv(bytes: Uint8Array, columns: readonly Column[], at: string): Promise<DataRecord[]> {
  const text = decodeText(bytes, at);
  const [header, ...lines] = await parseCells(text, detectDialect(text).delimiter, at);
  if (!header) return [];
  const toRecord = readHeader(
    header.map((cell) => cell.text),
    columns,
    at,
  );
  return lines.map(toRecord);
}

async function parseCells(text: string, delimiter: string, at: string): Promise<Cell[][]> {
  // Most nodes read no CSV: its parser is loaded by the first that does, and so is what writes it.
  const { CsvError, parse } = await import("csv-parse");
  const parser = parse({
    bom: true,
    delimiter,
    skip_empty_lines: true,
    cast: (value, { quoting }): Cell => ({ text: value, quoted: quoting }),
  });
  const rows: Cell[][] = [];
  parser.on("readable", () => {
    for (let row = parser.read(); row !== null; row = parser.read()) if (!isEmpty(row)) rows.push(row);
  });
  const ended = new Promise<void>((resolve, reject) => parser.on("end", resolve).on("error", reject));
  ended.catch(() => undefined); // it is looked at below; a fault may come before
  try {
    for (let start = 0; start < text.length && !parser.destroyed; start += charactersATurn) {
      parser.write(text.slice(start, start + charactersATurn));
      await turn();
    }
    parser.end();
    await ended;
  } catch (error) {
    throw error instanceof CsvError ? toRefusal(error, at) : error;
  }
  return rows;
}

/** What spreadsheets leave below the last record. */
const isEmpty = (row: readonly Cell[]) => row.every(({ text, quoted }) => text.trim() === "" && !quoted);

function toRefusal(error: CsvError, at: string): AppError {
  return new AppError("unprocessable", {
    at: `${at}:${error["lines"] ?? 1}`,
    message: `it is no CSV (${error.message})`,
    mend: "every line has as many cells as the first; a quote inside a cell is written twice",
    cause: error,
  });
}

/** CSV that a spreadsheet shows and does not run, and that `readCsv` gives back exactly. Other work goes on meanwhile. */
export async function writeCsv(
  records: readonly DataRecord[],
  columns: readonly Column[],
  dialect: Dialect,
): Promise<string> {
  const { stringify } = await import("csv-stringify/sync");
  const places = layOut(records, columns);
  // An empty text is quoted, nothing is not.
  const quoteEmpty = (text: string) => (text === "" ? { value: text, quoted_string: true } : text);
  const options = {
    delimiter: dialect.delimiter,
    record_delimiter: dialect.lineEnd,
    cast: { string: quoteEmpty },
  } as const;
  const parts = [
    dialect.byteOrderMark ? "\uFEFF" : "",
    stringify([places.map(({ header }) => toCell(header))], options),
  ];
  for (let start = 0; start < records.length; start += rowsATurn) {
    parts.push(
      stringify(
        records.slice(start, start + rowsATurn).map((record) => toCells(record, places)),
        options,
      ),
    );
    await turn();
  }
  return parts.join("");
}
