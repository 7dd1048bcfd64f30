import type { DeviceProfile, ProfileModbusReading, ProfileText } from "#pkg/contracts/profile.ts";
import type { DeviceProblem, Reading } from "#pkg/contracts/reading.ts";
import { type ModbusConnection, ModbusException } from "./connection.ts";
import { type DeviceIdentification, readRegisters, toRegisterText } from "./requests.ts";
import { type Block, registersOf, toBlocks, toModbusNumber } from "./values.ts";

/** A unit behind a connection. */
export interface Unit {
  connection: ModbusConnection;
  unitId: number;
}

/** Reads what the profile names; registers that the device refuses become problems, the rest is used. Throws `NoAnswer`. */
export async function resolveReadings(unit: Unit, profile: DeviceProfile) {
  const readings: Reading[] = [];
  const problems: DeviceProblem[] = [];
  const modbus = profile.readings.filter((reading): reading is ProfileModbusReading => "register" in reading);
  for (const block of toBlocks(modbus)) {
    for (const { reading, bytes } of await readBlock(unit, block)) {
      const problem = bytes ? addReading(reading, bytes, readings) : missing(reading);
      const mayLack = reading.optional || profile.optional;
      if (problem && !mayLack)
        problems.push({ ...problem, detail: `profile ${profile.id}, ${reading.field}: ${problem.detail}` });
    }
  }
  return { readings, problems };
}

interface Read {
  reading: ProfileModbusReading;
  /** Null when the device refuses these registers. */
  bytes: Buffer | null;
}

async function readBlock(unit: Unit, block: Block): Promise<Read[]> {
  try {
    const bytes = await readRegisters(unit.connection, unit.unitId, block);
    return block.readings.map((reading) => {
      const start = 2 * (reading.address - block.address);
      return { reading, bytes: bytes.subarray(start, start + 2 * registersOf(reading.dataType)) };
    });
  } catch (error) {
    if (!(error instanceof ModbusException)) throw error;
    const [only] = block.readings;
    if (only && block.readings.length === 1) return [{ reading: only, bytes: null }];
    const each: Read[] = [];
    for (const reading of block.readings) {
      const length = registersOf(reading.dataType);
      each.push(
        ...(await readBlock(unit, {
          register: reading.register,
          address: reading.address,
          length,
          readings: [reading],
        })),
      );
    }
    return each;
  }
}

function missing({ register, address }: ProfileModbusReading): DeviceProblem {
  return { code: "reading_missing", detail: `${register} register ${address} did not answer` };
}

/** Null when it was added or rightly left out. */
function addReading(reading: ProfileModbusReading, bytes: Buffer, readings: Reading[]): DeviceProblem | null {
  const { field, kind, unit, tags = {}, scale = 1, register, address, dataType, byteOrder = "ABCD" } = reading;
  const place = `${register} register ${address}`;
  const raw = toModbusNumber(bytes, dataType, byteOrder);
  if (raw === null) return { code: "reading_not_numeric", detail: `${place} is no number` };
  if (reading.absent?.includes(raw)) return null;
  const value = Number((raw * scale).toPrecision(12));
  if (value < (reading.min ?? -Infinity) || value > (reading.max ?? Infinity)) {
    return { code: "reading_implausible", detail: `${place} says ${value} ${unit}` };
  }
  readings.push({
    field,
    tags,
    kind,
    unit,
    scale,
    value,
    source: { type: "modbus", register, address, dataType, byteOrder },
  });
  return null;
}

/** The first identity text that the rules find; registers that the device refuses give none. Throws `NoAnswer`. */
export async function readText(
  unit: Unit,
  rule: ProfileText | readonly ProfileText[] | undefined,
  said: DeviceIdentification | null,
): Promise<string | null> {
  for (const one of rule === undefined ? [] : [rule].flat()) {
    const source =
      "register" in one
        ? await readRegisterText(unit, one)
        : "deviceIdentification" in one
          ? (said?.[one.deviceIdentification] ?? null)
          : null;
    const text = source === null ? null : extract(source, one);
    if (text) return text;
  }
  return null;
}

async function readRegisterText(unit: Unit, at: Extract<ProfileText, { register: unknown }>): Promise<string | null> {
  try {
    return toRegisterText(await readRegisters(unit.connection, unit.unitId, at));
  } catch (error) {
    if (error instanceof ModbusException) return null;
    throw error;
  }
}

function extract(source: string, { pattern, text }: Pick<ProfileText, "pattern" | "text">): string | null {
  if (pattern === undefined) return source;
  const found = new RegExp(pattern, "i").exec(source);
  return (
    found && (text?.replace(/\{(\d)\}/g, (_, group: string) => found[Number(group)] ?? "") ?? found[1] ?? found[0])
  );
}
