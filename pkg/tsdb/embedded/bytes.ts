/** Little numbers and texts one after the other, for what is not hot. */
export interface ByteWriter {
  byte(value: number): void;
  /** Whole number from 0 to 2^53 - 1 in 7-bit groups. */
  varint(value: number): void;
  float(value: number): void;
  /** UTF-8 with its length in front. A half surrogate, which UTF-8 cannot hold, becomes U+FFFD. */
  text(value: string): void;
  raw(bytes: Uint8Array): void;
  /** What was written. */
  take(): Uint8Array;
}

export function createByteWriter(): ByteWriter {
  let bytes = Buffer.allocUnsafe(1024);
  let length = 0;
  const room = (more: number) => {
    if (length + more > bytes.length) bytes = Buffer.concat([bytes], Math.max(bytes.length * 2, length + more));
  };
  const writer: ByteWriter = {
    byte(value) {
      room(1);
      bytes[length++] = value;
    },
    varint(value) {
      let rest = value;
      for (; rest >= 128; rest = Math.floor(rest / 128)) writer.byte((rest % 128) + 128);
      writer.byte(rest);
    },
    float(value) {
      room(8);
      length = bytes.writeDoubleLE(value, length);
    },
    text(value) {
      const size = Buffer.byteLength(value);
      writer.varint(size);
      room(size);
      length += bytes.write(value, length);
    },
    raw(more) {
      room(more.length);
      bytes.set(more, length);
      length += more.length;
    },
    take: () => bytes.subarray(0, length),
  };
  return writer;
}

/** Reads what `ByteWriter` wrote. Past the end it throws `RangeError`. */
export interface ByteReader {
  byte(): number;
  varint(): number;
  float(): number;
  text(): string;
  /** Fills `into` with the next bytes. */
  copy(into: Uint8Array): void;
  position: number;
}

export function createByteReader(source: Uint8Array, position = 0): ByteReader {
  const bytes = Buffer.from(source.buffer, source.byteOffset, source.byteLength);
  const take = (length: number) => {
    const from = reader.position;
    if (!(length >= 0) || from + length > bytes.length) throw new RangeError("the record ends too early");
    reader.position += length;
    return from;
  };
  const reader: ByteReader = {
    position,
    byte: () => bytes.readUInt8(take(1)),
    varint() {
      let [value, unit] = [0, 1];
      for (let next = reader.byte(); ; next = reader.byte()) {
        value += (next & 127) * unit;
        if (next < 128) return value;
        unit *= 128;
      }
    },
    float: () => bytes.readDoubleLE(take(8)),
    text() {
      const length = reader.varint();
      const from = take(length);
      return bytes.toString("utf8", from, from + length);
    },
    copy(into) {
      const from = take(into.length);
      into.set(bytes.subarray(from, from + into.length));
    },
  };
  return reader;
}
