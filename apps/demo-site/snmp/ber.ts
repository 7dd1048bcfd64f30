/** BER as SNMP uses it: definite lengths, one-byte tags. */
export interface Tlv {
  tag: number;
  body: Buffer;
  /** Where the next one begins. */
  end: number;
}

/** Reads one element. Throws `RangeError` when the packet is cut off. */
export function readTlv(buffer: Buffer, at = 0): Tlv {
  const tag = buffer.readUInt8(at);
  const first = buffer.readUInt8(at + 1);
  const lengthBytes = first & 0x80 ? first & 0x7f : 0;
  const length = lengthBytes === 0 ? first : buffer.readUIntBE(at + 2, lengthBytes);
  const start = at + 2 + lengthBytes;
  const end = start + length;
  if (end > buffer.length) throw new RangeError("element reaches beyond the packet");
  return { tag, body: buffer.subarray(start, end), end };
}

/** The elements of a constructed one. */
export function readAll(body: Buffer): Tlv[] {
  const elements: Tlv[] = [];
  for (let at = 0; at < body.length; ) {
    const element = readTlv(body, at);
    elements.push(element);
    at = element.end;
  }
  return elements;
}

export function readInteger({ body }: Tlv): number {
  return body.length === 0 ? 0 : body.readIntBE(0, Math.min(body.length, 6));
}

export function readOid({ body }: Tlv): number[] {
  const arcs: number[] = [];
  let arc = 0;
  for (const byte of body) {
    arc = arc * 128 + (byte & 0x7f);
    if (byte & 0x80) continue;
    arcs.push(arc);
    arc = 0;
  }
  const [first = 0, ...rest] = arcs;
  const root = Math.min(2, Math.floor(first / 40));
  return [root, first - root * 40, ...rest];
}

export function tlv(tag: number, ...bodies: readonly Buffer[]): Buffer {
  const body = Buffer.concat(bodies);
  if (body.length < 0x80) return Buffer.concat([Buffer.from([tag, body.length]), body]);
  const length = body.length < 0x100 ? [0x81, body.length] : [0x82, body.length >> 8, body.length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...length]), body]);
}

/** Two's complement in as few bytes as hold it; `tag` makes it a counter, a gauge or ticks. */
export function integer(value: number | bigint, tag = 0x02): Buffer {
  let rest = BigInt(value);
  const bytes: number[] = [];
  do {
    bytes.unshift(Number(rest & 0xffn));
    rest >>= 8n;
  } while (!(rest === 0n && (bytes[0] ?? 0) < 0x80) && !(rest === -1n && (bytes[0] ?? 0) >= 0x80));
  return tlv(tag, Buffer.from(bytes));
}

export function text(value: string): Buffer {
  return tlv(0x04, Buffer.from(value));
}

export function oid([root = 1, second = 3, ...rest]: readonly number[]): Buffer {
  return tlv(0x06, Buffer.from([root * 40 + second, ...rest].flatMap(base128)));
}

function base128(arc: number): number[] {
  const bytes = [arc % 128];
  for (let rest = Math.floor(arc / 128); rest > 0; rest = Math.floor(rest / 128)) bytes.unshift((rest % 128) | 0x80);
  return bytes;
}

export const noValue: Buffer = tlv(0x05);
