import type { ProfileModbusReading } from "#pkg/contracts/profile.ts";
import type { ModbusByteOrder, ModbusDataType } from "#pkg/contracts/reading.ts";

/** How many registers a value takes. */
export function registersOf(dataType: ModbusDataType): number {
  return Number(dataType.replace(/\D/g, "")) / 16;
}

/** The number in `bytes` (as on the wire); null when it is not a finite one. 64-bit integers to the nearest number. */
export function toModbusNumber(bytes: Buffer, dataType: ModbusDataType, byteOrder: ModbusByteOrder): number | null {
  const big = toBigEndian(bytes, byteOrder);
  const value = readers[dataType](big);
  return Number.isFinite(value) ? value : null;
}

const readers: Readonly<Record<ModbusDataType, (bytes: Buffer) => number>> = {
  INT16: (bytes) => bytes.readInt16BE(),
  UINT16: (bytes) => bytes.readUInt16BE(),
  INT32: (bytes) => bytes.readInt32BE(),
  UINT32: (bytes) => bytes.readUInt32BE(),
  INT64: (bytes) => Number(bytes.readBigInt64BE()),
  UINT64: (bytes) => Number(bytes.readBigUInt64BE()),
  FLOAT32: (bytes) => bytes.readFloatBE(),
  FLOAT64: (bytes) => bytes.readDoubleBE(),
};

function toBigEndian(bytes: Buffer, byteOrder: ModbusByteOrder): Buffer {
  const copy = Buffer.from(bytes);
  if (byteOrder === "DCBA") return copy.reverse();
  if (byteOrder === "BADC") return copy.swap16();
  return byteOrder === "CDAB" ? copy.reverse().swap16() : copy;
}

/** Registers that are read in one request. */
export interface Block {
  register: ProfileModbusReading["register"];
  address: number;
  length: number;
  readings: ProfileModbusReading[];
}

/** Small gateways take less than the 125 registers the protocol allows. */
const maxBlock = 60;

/** Puts readings whose registers touch into one request; a gap may hold addresses that the device refuses. */
export function toBlocks(readings: readonly ProfileModbusReading[]): Block[] {
  const blocks: Block[] = [];
  const sorted = readings.toSorted((a, b) => a.register.localeCompare(b.register) || a.address - b.address);
  for (const reading of sorted) {
    const end = reading.address + registersOf(reading.dataType);
    const last = blocks.at(-1);
    const touches = last?.register === reading.register && reading.address <= last.address + last.length;
    if (last && touches && end - last.address <= maxBlock) {
      last.length = Math.max(last.length, end - last.address);
      last.readings.push(reading);
    } else {
      blocks.push({
        register: reading.register,
        address: reading.address,
        length: end - reading.address,
        readings: [reading],
      });
    }
  }
  return blocks;
}
