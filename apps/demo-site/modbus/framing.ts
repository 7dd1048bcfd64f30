/** One request taken off the stream, and how its answer is wrapped. */
export interface Frame {
  unitId: number;
  pdu: Buffer;
  wrap(answer: Buffer): Buffer;
  /** Bytes that it took. */
  length: number;
}

/** Takes the first whole frame; undefined: wait for more; null: nonsense, hang up. */
export type Framing = (buffer: Buffer) => Frame | undefined | null;

/** Modbus TCP: transaction, protocol 0, length, unit. */
export const tcpFraming: Framing = (buffer) => {
  if (buffer.length < 8) return undefined;
  const length = buffer.readUInt16BE(4);
  if (buffer.readUInt16BE(2) !== 0 || length < 2 || length > 254) return null;
  if (buffer.length < 6 + length) return undefined;
  const head = Buffer.from(buffer.subarray(0, 7));
  return {
    unitId: buffer.readUInt8(6),
    pdu: buffer.subarray(7, 6 + length),
    length: 6 + length,
    wrap(answer) {
      head.writeUInt16BE(answer.length + 1, 4);
      return Buffer.concat([head, answer]);
    },
  };
};

/** RTU framing over TCP: unit, PDU, CRC-16. The request's length follows from its function. */
export const rtuFraming: Framing = (buffer) => {
  if (buffer.length < 4) return undefined;
  const code = buffer.readUInt8(1);
  const length = code === 43 ? 7 : 8;
  if (code > 43) return null;
  if (buffer.length < length) return undefined;
  const body = buffer.subarray(0, length - 2);
  if (crc16(body) !== buffer.readUInt16LE(length - 2)) return null;
  return { unitId: buffer.readUInt8(0), pdu: body.subarray(1), length, wrap: (answer) => withCrc(body, answer) };
};

function withCrc(request: Buffer, answer: Buffer): Buffer {
  const frame = Buffer.concat([request.subarray(0, 1), answer, Buffer.alloc(2)]);
  frame.writeUInt16LE(crc16(frame.subarray(0, -2)), frame.length - 2);
  return frame;
}

/** Modbus' CRC: polynomial 0xA001, start 0xFFFF. */
export function crc16(bytes: Uint8Array): number {
  let crc = 0xffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xa001 : crc >>> 1;
  }
  return crc;
}
