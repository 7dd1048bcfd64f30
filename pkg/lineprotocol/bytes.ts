// Bytes that line protocol gives a meaning to. Hot: read by the inner loops.

export const newline = 10;
export const carriageReturn = 13;
export const space = 32;
export const quote = 34;
export const hash = 35;
export const plus = 43;
export const comma = 44;
export const minus = 45;
export const dot = 46;
export const zero = 48;
export const equals = 61;
export const backslash = 92;

/** The byte at `pos`; what lies behind the end reads as a newline, so every scan stops there. */
export function byteAt(body: Uint8Array, pos: number): number {
  return body[pos] ?? newline;
}

/** Whether a value or a name may end before this byte. */
export function endsValue(byte: number): boolean {
  return byte === comma || byte === space || byte === newline || byte === carriageReturn;
}
