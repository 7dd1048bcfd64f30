import { crc32 } from "node:zlib";

/** What a row of a table holds beside its checksum. */
export type RowValue = number | string | Uint8Array;

/**
 * CRC-32 of a row: SQLite has no checksums of its own, and a bit that turned in a number there is another number. The
 * name of the table is part of it, so that a row of another one never fits.
 */
export function checksumOfRow(table: string, values: readonly RowValue[]): number {
  let checksum = crc32(table);
  for (const value of values) {
    // SQLite knows no -0.
    const bytes = typeof value === "number" ? new Uint8Array(Float64Array.of(value + 0).buffer) : value;
    checksum = crc32(new Uint8Array(Float64Array.of(bytes.length).buffer), checksum);
    checksum = crc32(bytes, checksum);
  }
  return checksum;
}
