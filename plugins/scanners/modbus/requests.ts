import type { ModbusTable } from "#pkg/contracts/profile.ts";
import { type ModbusConnection, ModbusException, NoAnswer } from "./connection.ts";

/** Read-only functions alone: nothing here can write to a device. */
const functions = { holding: 3, input: 4, encapsulated: 43 } as const;
const readDeviceId = 14;

/** Reads `count` (1 … 125) registers; two bytes each, as on the wire. Throws `ModbusException` or `NoAnswer`. */
export async function readRegisters(
  connection: ModbusConnection,
  unitId: number,
  { register, address, length }: { register: ModbusTable; address: number; length: number },
): Promise<Buffer> {
  const pdu = Buffer.alloc(5);
  pdu.writeUInt8(functions[register], 0);
  pdu.writeUInt16BE(address, 1);
  pdu.writeUInt16BE(length, 3);
  const answer = await connection.request(unitId, pdu, `read ${length} ${register} registers at ${address}`);
  if (answer[1] !== 2 * length || answer.length < 2 + 2 * length) {
    throw new NoAnswer(`${answer[1] ?? 0} bytes instead of ${2 * length} in the answer`);
  }
  return answer.subarray(2, 2 + 2 * length);
}

/** What function 43/14 says; null is an object that was not given. Texts are the device's own. */
export interface DeviceIdentification {
  vendor: string | null;
  product: string | null;
  revision: string | null;
  model: string | null;
}

/** Requests for more objects at most, so that a device cannot say "more follows" for ever. */
const maxFollows = 8;
const basic = 1;
const regular = 2;

/** Asks by function 43/14 for the basic objects and, where the device has them, the regular ones (model name). */
export async function readDeviceIdentification(
  connection: ModbusConnection,
  unitId: number,
): Promise<DeviceIdentification> {
  const objects = new Map<number, string>();
  const conformity = await readObjects(connection, unitId, basic, objects);
  if ((conformity & 0x7f) >= regular) {
    try {
      await readObjects(connection, unitId, regular, objects);
    } catch (error) {
      if (!(error instanceof ModbusException)) throw error; // it has the basic ones only, whatever it said
    }
  }
  const text = (id: number) => objects.get(id) ?? null;
  return { vendor: text(0), product: text(1), revision: text(2), model: text(5) ?? text(4) };
}

/** Returns the conformity level. */
async function readObjects(
  connection: ModbusConnection,
  unitId: number,
  category: number,
  objects: Map<number, string>,
): Promise<number> {
  let conformity: number = basic;
  let next = 0;
  for (let follows = 0; follows < maxFollows; follows++) {
    const pdu = Uint8Array.of(functions.encapsulated, readDeviceId, category, next);
    const answer = await connection.request(unitId, pdu, "read device identification (43/14)");
    conformity = answer[3] ?? basic;
    takeObjects(answer, objects);
    const more = answer[4] === 0xff;
    if (!more || (answer[5] ?? 0) <= next) break;
    next = answer[5] ?? 0;
  }
  return conformity;
}

function takeObjects(answer: Buffer, objects: Map<number, string>): void {
  let at = 7;
  for (let i = 0; i < (answer[6] ?? 0); i++) {
    const id = answer[at];
    const length = answer[at + 1];
    if (id === undefined || length === undefined) return;
    const text = toRegisterText(answer.subarray(at + 2, at + 2 + length));
    if (text !== null) objects.set(id, text);
    at += 2 + length;
  }
}

/** Registers as text: up to the first NUL, without blanks around it; null when nothing printable is left. */
export function toRegisterText(bytes: Buffer): string | null {
  const end = bytes.indexOf(0);
  const text = bytes.toString("utf8", 0, end === -1 ? bytes.length : end).trim();
  return /\p{L}|\p{N}/u.test(text) ? text : null;
}
