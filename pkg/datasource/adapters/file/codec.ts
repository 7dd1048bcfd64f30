import type { Column } from "../../columns.ts";
import type { DataRecord } from "../../port.ts";

/** What records are written over. */
export interface EncodePlace {
  columns: readonly Column[];
  key: string;
  /** The file as it is, whose ways of writing are kept; null for a new one. */
  before: Uint8Array | null;
  /** For messages. */
  at: string;
}

/** How records stand in a file. */
export interface Codec {
  maxBytes: number;
  /** Throws `AppError("unprocessable")` that names the line. */
  decode(bytes: Uint8Array, columns: readonly Column[], at: string): Promise<unknown>;
  encode(records: readonly DataRecord[], place: EncodePlace): Promise<string>;
  /** Where a person finds a record in the file. */
  nameOf?(index: number): string;
}

export const megabyte = 1024 * 1024;
