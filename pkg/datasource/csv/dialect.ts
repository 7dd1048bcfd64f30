import { AppError } from "#pkg/errors/errors.ts";

/** How a CSV file is written, apart from what it says. */
export interface Dialect {
  delimiter: "," | ";" | "\t";
  lineEnd: "\r\n" | "\n";
  /** Tells spreadsheets that it is UTF-8. */
  byteOrderMark: boolean;
}

/** As a spreadsheet likes it best. */
export const spreadsheetDialect: Dialect = { delimiter: ",", lineEnd: "\r\n", byteOrderMark: true };

/** The text of a file in UTF-8, or in UTF-16 with its mark. Throws `AppError("unprocessable")` on another encoding. */
export function decodeText(bytes: Uint8Array, at: string): string {
  const encoding = bytes[0] === 0xff && bytes[1] === 0xfe ? "utf-16le" : "utf-8";
  try {
    return new TextDecoder(encoding, { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (error) {
    throw new AppError("unprocessable", {
      at,
      message: "it is not in UTF-8 (older spreadsheets write Big5 or Windows-1252)",
      mend: 'save it as "CSV UTF-8"',
      cause: error,
    });
  }
}

/** Read off the first line: the delimiter that stands there most often outside quotes. */
export function detectDialect(text: string): Dialect {
  const byteOrderMark = text.startsWith("\uFEFF");
  const outside = text.slice(0, 10_000).replaceAll(/"(?:[^"]|"")*"/g, "");
  const [line = ""] = outside.split("\n", 1);
  const count = (delimiter: string) => line.split(delimiter).length;
  const [delimiter] = ([",", ";", "\t"] as const).toSorted((a, b) => count(b) - count(a));
  return { delimiter: delimiter ?? ",", lineEnd: outside.includes("\r\n") ? "\r\n" : "\n", byteOrderMark };
}
