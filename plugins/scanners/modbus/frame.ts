/** Modbus frames of both kinds: MBAP header (TCP), or unit and CRC as on a serial line (RTU over TCP). */
export type Framing = "tcp" | "rtu-over-tcp";

/** An answer's unit id, transaction id (0 in RTU) and PDU, and how many bytes of the buffer it took. */
export interface Frame {
  unitId: number;
  transactionId: number;
  pdu: Buffer;
  bytes: number;
}

const maxPdu = 253;

/** CRC-16/MODBUS of `bytes`. */
export function crc16(bytes: Uint8Array): number {
  let crc = 0xffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >> 1) ^ 0xa001 : crc >> 1;
  }
  return crc;
}

/** A request's bytes. */
export function encodeFrame(framing: Framing, transactionId: number, unitId: number, pdu: Uint8Array): Buffer {
  if (framing === "tcp") {
    const header = Buffer.alloc(7);
    header.writeUInt16BE(transactionId, 0);
    header.writeUInt16BE(pdu.length + 1, 4);
    header.writeUInt8(unitId, 6);
    return Buffer.concat([header, pdu]);
  }
  const body = Buffer.concat([Uint8Array.of(unitId), pdu]);
  const crc = crc16(body);
  return Buffer.concat([body, Uint8Array.of(crc & 0xff, crc >> 8)]);
}

/** The first answer in `buffer`; null when more bytes are needed, `broken` when it can never become one. */
export function takeFrame(framing: Framing, buffer: Buffer): Frame | null | "broken" {
  return framing === "tcp" ? takeTcp(buffer) : takeRtu(buffer);
}

function takeTcp(buffer: Buffer): Frame | null | "broken" {
  if (buffer.length < 8) return null;
  const length = buffer.readUInt16BE(4);
  if (buffer.readUInt16BE(2) !== 0 || length < 2 || length > maxPdu + 1) return "broken";
  if (buffer.length < 6 + length) return null;
  const pdu = Buffer.from(buffer.subarray(7, 6 + length));
  return { transactionId: buffer.readUInt16BE(0), unitId: buffer.readUInt8(6), pdu, bytes: 6 + length };
}

function takeRtu(buffer: Buffer): Frame | null | "broken" {
  const length = rtuPduLength(buffer.subarray(1));
  if (length === null) return buffer.length > maxPdu + 3 ? "broken" : null;
  if (length > maxPdu) return "broken";
  if (buffer.length < length + 3) return null;
  if (crc16(buffer.subarray(0, length + 1)) !== buffer.readUInt16LE(length + 1)) return "broken";
  const pdu = Buffer.from(buffer.subarray(1, length + 1));
  return { transactionId: 0, unitId: buffer.readUInt8(0), pdu, bytes: length + 3 };
}

/** RTU has no length field: the function tells it. Null until enough bytes are there. */
function rtuPduLength(pdu: Buffer): number | null {
  const code = pdu[0];
  if (code === undefined) return null;
  if (code & 0x80) return 2;
  if (code === 43) return identificationLength(pdu);
  return pdu.length < 2 ? null : 2 + pdu.readUInt8(1);
}

function identificationLength(pdu: Buffer): number | null {
  const objects = pdu[6];
  if (objects === undefined) return null;
  let at = 7;
  for (let i = 0; i < objects; i++) {
    const length = pdu[at + 1];
    if (length === undefined) return at > maxPdu ? at : null;
    at += 2 + length;
  }
  return at;
}
