/** Bytes that grow as they are written; used again from the start after `clear`. */
export interface GrowingBytes {
  readonly length: number;
  byte(value: number): void;
  /** ASCII only. */
  ascii(text: string): void;
  raw(bytes: Uint8Array): void;
  /** A copy of all that was written. */
  take(): Buffer;
  clear(): void;
}

export function createGrowingBytes(): GrowingBytes {
  let bytes = Buffer.allocUnsafeSlow(64 * 1024);
  let length = 0;
  const room = (more: number) => {
    if (length + more <= bytes.length) return;
    const grown = Buffer.allocUnsafeSlow(Math.max(bytes.length * 2, length + more));
    bytes.copy(grown, 0, 0, length);
    bytes = grown;
  };
  return {
    get length() {
      return length;
    },
    byte(value) {
      room(1);
      bytes[length++] = value;
    },
    ascii(text) {
      room(text.length);
      length += bytes.write(text, length, "latin1");
    },
    raw(more) {
      room(more.length);
      bytes.set(more, length);
      length += more.length;
    },
    take: () => Buffer.from(bytes.subarray(0, length)),
    clear() {
      length = 0;
    },
  };
}
