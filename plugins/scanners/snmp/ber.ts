/** BER as SNMP uses it: definite lengths, at most four length bytes. Writers return bytes, readers never throw. */

/** One element found by `readElement`: its tag and where its content stands. */
export interface Element {
  tag: number;
  start: number;
  end: number;
}

/** Tag, length and content. */
export function element(tag: number, ...contents: readonly Uint8Array[]): Uint8Array {
  const content = Buffer.concat(contents);
  return Buffer.concat([Uint8Array.of(tag, ...lengthBytes(content.length)), content]);
}

function lengthBytes(length: number): number[] {
  if (length < 0x80) return [length];
  if (length < 0x100) return [0x81, length];
  return [0x82, length >> 8, length & 0xff];
}

/** The shortest two's complement form of a whole number of at most 53 bits. */
export function integerBytes(value: number): Uint8Array {
  const bytes = [Number(BigInt.asUintN(8, BigInt(value)))];
  let left = Math.floor(value / 256);
  while (!isSignExtension(left, bytes[0] ?? 0)) {
    bytes.unshift(Number(BigInt.asUintN(8, BigInt(left))));
    left = Math.floor(left / 256);
  }
  return Uint8Array.from(bytes);
}

function isSignExtension(left: number, top: number): boolean {
  return (left === 0 && top < 0x80) || (left === -1 && top >= 0x80);
}

/** The element at `offset`; null when it is cut off, reaches past `end` or has an indefinite or giant length. */
export function readElement(bytes: Uint8Array, offset: number, end: number): Element | null {
  const tag = bytes[offset];
  const first = bytes[offset + 1];
  if (tag === undefined || first === undefined || offset + 2 > end) return null;
  if (first < 0x80) return within({ tag, start: offset + 2, end: offset + 2 + first }, end);
  const count = first & 0x7f;
  if (count < 1 || count > 4 || offset + 2 + count > end) return null;
  let length = 0;
  for (let i = 0; i < count; i++) length = length * 256 + (bytes[offset + 2 + i] ?? 0);
  const start = offset + 2 + count;
  return within({ tag, start, end: start + length }, end);
}

function within(found: Element, end: number): Element | null {
  return found.end <= end ? found : null;
}

/** A signed integer; null when it has no bytes or more than 9. Above 2^53 the nearest number. */
export function readSigned(bytes: Uint8Array): number | null {
  const value = readUnsigned(bytes);
  const top = bytes[0];
  if (value === null || top === undefined || top < 0x80) return value;
  if (bytes.length <= 6) return value - 2 ** (8 * bytes.length);
  return Number(BigInt.asIntN(8 * bytes.length, BigInt(`0x${Buffer.from(bytes).toString("hex")}`)));
}

/** An unsigned integer (Counter, Gauge, TimeTicks); null when it has no bytes or more than 9. */
export function readUnsigned(bytes: Uint8Array): number | null {
  if (bytes.length === 0 || bytes.length > 9) return null;
  let value = 0;
  for (const byte of bytes) value = value * 256 + byte;
  return value;
}
