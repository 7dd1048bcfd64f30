// Hot: every stored sample passes here. Indexes stay below the lengths checked beside them, hence `as number`.

/** Writes bits, most significant first, into a buffer that grows. */
export interface BitWriter {
  /** The low `width` (0 to 24) bits of `value`. */
  write(value: number, width: number): void;
  /** A whole number from 0 to 2^53 - 1 in `width` (0 to 53) bits. */
  writeWide(value: number, width: number): void;
  writeFloat(value: number): void;
  /** Fills the last byte with zeros. */
  align(): void;
  /** Bytes written; aligned first. */
  readonly length: number;
  /** Copy of the bytes from `from`. */
  slice(from: number): Uint8Array;
  /** Goes back to this length. */
  cut(length: number): void;
}

export function createBitWriter(): BitWriter {
  let bytes = new Uint8Array(256);
  let [length, pending, used] = [0, 0, 0];
  const floatBytes = new DataView(new ArrayBuffer(8));
  const writer: BitWriter = {
    write(value, width) {
      if (length + 8 > bytes.length) bytes = grown(bytes);
      pending = (pending << width) | value;
      used += width;
      while (used >= 8) {
        used -= 8;
        bytes[length++] = pending >>> used;
      }
      pending &= (1 << used) - 1;
    },
    writeWide(value, width) {
      if (width > 48) writer.write(Math.floor(value / 2 ** 48) & (2 ** (width - 48) - 1), width - 48);
      if (width > 24)
        writer.write(Math.floor(value / 2 ** 24) & (2 ** (Math.min(width, 48) - 24) - 1), Math.min(width, 48) - 24);
      writer.write(value & (2 ** Math.min(width, 24) - 1), Math.min(width, 24));
    },
    writeFloat(value) {
      floatBytes.setFloat64(0, value);
      for (let i = 0; i < 8; i++) writer.write(floatBytes.getUint8(i), 8);
    },
    align() {
      if (used > 0) writer.write(0, 8 - used);
    },
    get length() {
      return length;
    },
    slice: (from) => bytes.slice(from, length),
    cut(to) {
      [length, pending, used] = [to, 0, 0];
    },
  };
  return writer;
}

function grown(bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  const larger = new Uint8Array(bytes.length * 2);
  larger.set(bytes);
  return larger;
}

/** Reads what `BitWriter` wrote. Past the end it throws `RangeError`. */
export interface BitReader {
  /** `width` from 0 to 24. */
  read(width: number): number;
  readWide(width: number): number;
  readFloat(): number;
  /** How many ones stand before the next zero, at most `limit`; the zero is taken, unless the limit was reached. */
  readOnes(limit: number): number;
  align(): void;
  /** Byte position, aligned. */
  position: number;
  /** Bytes that were not touched yet. */
  readonly left: number;
}

export function createBitReader(bytes: Uint8Array, start = 0): BitReader {
  let [at, pending, held] = [start, 0, 0];
  const floatBytes = new DataView(new ArrayBuffer(8));
  const fill = (width: number) => {
    while (held < width) {
      if (at >= bytes.length) throw new RangeError("the chunk ends too early");
      pending = ((pending & 0xffffff) << 8) | (bytes[at++] as number);
      held += 8;
    }
  };
  const reader: BitReader = {
    read(width) {
      fill(width);
      held -= width;
      return (pending >>> held) & (2 ** width - 1);
    },
    readWide(width) {
      let value = width > 48 ? reader.read(width - 48) : 0;
      if (width > 24) value = value * 2 ** (Math.min(width, 48) - 24) + reader.read(Math.min(width, 48) - 24);
      const low = Math.min(width, 24);
      return value * 2 ** low + reader.read(low);
    },
    readFloat() {
      for (let i = 0; i < 8; i++) floatBytes.setUint8(i, reader.read(8));
      return floatBytes.getFloat64(0);
    },
    readOnes(limit) {
      let ones = 0;
      while (ones < limit && reader.read(1) === 1) ones++;
      return ones;
    },
    align() {
      held -= held % 8;
    },
    get left() {
      return bytes.length - at;
    },
    get position() {
      return at - held / 8;
    },
    set position(to) {
      [at, pending, held] = [to, 0, 0];
    },
  };
  return reader;
}
