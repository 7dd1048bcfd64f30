import type { Column } from "../../columns.ts";
import type { DataRecord } from "../../port.ts";

/** How records stand in a file. */
export interface Codec {
  maxBytes: number;
  /** Throws `AppError("unprocessable")` that names the line. */
  decode(bytes: Uint8Array, columns: readonly Column[], at: string): Promise<unknown>;
  /** `before`: the file as it is, whose ways of writing are kept; null for a new one. */
  encode(
    records: readonly DataRecord[],
    columns: readonly Column[],
    before: Uint8Array | null,
    key: string,
  ): Promise<string>;
  /** Where a person finds a record in the file. */
  nameOf?(index: number): string;
}

export const megabyte = 1024 * 1024;
