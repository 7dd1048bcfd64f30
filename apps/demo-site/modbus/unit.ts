/** 16-bit registers of a unit, by address from 0. A value outside −32,768 … 65,535 is cut to 16 bits. */
export type Registers = ReadonlyMap<number, (nowMs: number) => number>;

/** One device behind a Modbus address. */
export interface ModbusUnit {
  holding: Registers;
  input: Registers;
  /** Objects of function 43/14 by id; absent: the function is refused. */
  identification?: ReadonlyMap<number, string>;
}

const illegalFunction = 1;
const illegalAddress = 2;
const illegalValue = 3;

/** The answer's PDU to a request's PDU. Only reads are known; everything else is refused. */
export function answerPdu(unit: ModbusUnit, pdu: Buffer, nowMs: number): Buffer {
  const code = pdu[0] ?? 0;
  if (code === 3) return readRegisters(unit.holding, pdu, nowMs);
  if (code === 4) return readRegisters(unit.input, pdu, nowMs);
  if (code === 43 && pdu[1] === 14 && unit.identification) return identify(unit.identification, pdu);
  return refuse(code, illegalFunction);
}

function readRegisters(registers: Registers, pdu: Buffer, nowMs: number): Buffer {
  const code = pdu[0] ?? 0;
  if (pdu.length < 5) return refuse(code, illegalValue);
  const [address, count] = [pdu.readUInt16BE(1), pdu.readUInt16BE(3)];
  if (count < 1 || count > 125) return refuse(code, illegalValue);
  const answer = Buffer.alloc(2 + 2 * count);
  answer.set([code, 2 * count]);
  for (let index = 0; index < count; index++) {
    const read = registers.get(address + index);
    if (!read) return refuse(code, illegalAddress);
    answer.writeUInt16BE(Math.round(read(nowMs)) & 0xffff, 2 + 2 * index);
  }
  return answer;
}

/** Basic objects are 0 to 2, regular ones 3 to 6; all of a category fit into one answer. */
function identify(objects: ReadonlyMap<number, string>, pdu: Buffer): Buffer {
  const [category = 0, first = 0] = [pdu[2], pdu[3]];
  if (category < 1 || category > 4) return refuse(43, illegalValue);
  const last = category === 1 ? 2 : 6;
  const given = [...objects].filter(([id]) => (category === 4 ? id === first : id >= first && id <= last));
  if (given.length === 0) return refuse(43, illegalAddress);
  const regularLevel = 0x82;
  const body = given.map(([id, text]) =>
    Buffer.concat([Buffer.from([id, Buffer.byteLength(text)]), Buffer.from(text)]),
  );
  return Buffer.concat([Buffer.from([43, 14, category, regularLevel, 0, 0, given.length]), ...body]);
}

function refuse(code: number, exception: number): Buffer {
  return Buffer.from([code | 0x80, exception]);
}

/** Text in registers, two characters each, padded with NUL. */
export function textRegisters(address: number, length: number, text: string): [number, () => number][] {
  const bytes = Buffer.alloc(2 * length);
  bytes.write(text);
  return Array.from({ length }, (_, index) => [address + index, () => bytes.readUInt16BE(2 * index)]);
}

/** A 32-bit float in two registers, high word first. */
export function floatRegisters(
  address: number,
  value: (nowMs: number) => number,
): [number, (nowMs: number) => number][] {
  const word = (nowMs: number, offset: number) => {
    const bytes = Buffer.alloc(4);
    bytes.writeFloatBE(value(nowMs));
    return bytes.readUInt16BE(offset);
  };
  return [
    [address, (nowMs) => word(nowMs, 0)],
    [address + 1, (nowMs) => word(nowMs, 2)],
  ];
}
