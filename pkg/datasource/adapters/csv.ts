import { readCsv, writeCsv } from "../csv/csv.ts";
import { decodeText, detectDialect, spreadsheetDialect } from "../csv/dialect.ts";
import type { NotedSource } from "../port.ts";
import { type Codec, megabyte } from "./file/codec.ts";
import { createFileSource, type FileSourceOptions } from "./file/source.ts";

const codec: Codec = {
  maxBytes: 64 * megabyte,
  decode: readCsv,
  async encode(records, { columns, before, at }) {
    const dialect = before ? detectDialect(decodeText(before, at)) : spreadsheetDialect;
    return writeCsv(records, columns, dialect);
  },
  // Spreadsheets count the header as line 1.
  nameOf: (index) => `line ${index + 2}`,
};

/** Records in a CSV file; the first line names the fields, `tags.room` an entry of an object. */
export const createCsvSource = (options: FileSourceOptions): NotedSource => createFileSource(codec, options);
