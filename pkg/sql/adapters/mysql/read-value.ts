import type { TypeCastField } from "mysql2";

/** Reads values of one result as `node:sqlite` gives them; `tooLarge` is set by an integer above 2^53, which
 * comes as a bigint. */
export interface ValueReader {
  read(field: TypeCastField, next: () => unknown): unknown;
  tooLarge(): RangeError | undefined;
}

/** A throw while the driver reads would tear its connection, so what is too large is told afterwards. */
export function createValueReader(): ValueReader {
  let tooLarge: RangeError | undefined;
  const toInteger = (name: string, text: string | null) => {
    if (text === null) return null;
    const number = Number(text);
    if (Number.isSafeInteger(number)) return number;
    tooLarge = new RangeError(`${name}: the value is too large for a JavaScript number: ${text}`);
    return BigInt(text);
  };
  return {
    read(field, next) {
      if (field.type === "LONGLONG") return toInteger(field.name, field.string());
      // The driver's own reading of fractions is off by a bit now and then.
      if (field.type === "DOUBLE" || field.type === "FLOAT" || field.type === "NEWDECIMAL")
        return toFloat(field.string());
      const value = next();
      return Buffer.isBuffer(value) ? new Uint8Array(value) : value; // a copy: theirs is a view into a packet
    },
    tooLarge: () => tooLarge,
  };
}

function toFloat(text: string | null): number | null {
  return text === null ? null : Number(text);
}
