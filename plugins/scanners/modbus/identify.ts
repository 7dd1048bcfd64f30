import type { DeviceProfile } from "#pkg/contracts/profile.ts";
import type { FoundDevice, ModbusEndpoint } from "#pkg/contracts/reading.ts";
import { ModbusException, NoAnswer } from "./connection.ts";
import { profileByIdentification, profileByText, registersToMatch } from "./match.ts";
import { type DeviceIdentification, readDeviceIdentification, readRegisters, toRegisterText } from "./requests.ts";
import { readText, resolveReadings, type Unit } from "./resolve.ts";

/** Answers of a gateway on behalf of a unit that is not there. */
const gatewayCodes = [10, 11];

interface Seen {
  profile: DeviceProfile | null;
  identification: DeviceIdentification | null;
}

/**
 * Says what stands at one unit id: null when nothing does. A refusal (exception) is an answer, too: there is a device.
 * Throws `NoAnswer` only when the scan is stopped or the connection is gone.
 */
export async function identify(
  unit: Unit,
  endpoint: ModbusEndpoint,
  profiles: readonly DeviceProfile[],
): Promise<FoundDevice | null> {
  const modbus = profiles.filter((profile) => profile.protocol === "modbus");
  const seen = await recognise(unit, modbus);
  if (!seen) return null;
  const { profile, identification } = seen;
  const device: FoundDevice = {
    endpoint,
    kind: profile?.kind ?? "device",
    profile: profile?.id ?? null,
    vendor: profile?.vendor ?? identification?.vendor ?? null,
    model: profile?.model ?? identification?.model ?? identification?.product ?? null,
    serial: null,
    firmware: identification?.revision ?? null,
    sysName: null,
    sysDescr: null,
    sysObjectId: null,
    readings: [],
    problems: [],
  };
  return profile ? await readByProfile(unit, device, profile, identification) : withoutProfile(device);
}

function withoutProfile(device: FoundDevice): FoundDevice {
  const said = [device.vendor, device.model].filter((text) => text !== null).join(" ");
  return { ...device, problems: [{ code: "no_profile", detail: `no Modbus profile for ${said || "this device"}` }] };
}

async function readByProfile(
  unit: Unit,
  device: FoundDevice,
  profile: DeviceProfile,
  said: DeviceIdentification | null,
): Promise<FoundDevice> {
  try {
    const { readings, problems } = await resolveReadings(unit, profile);
    const model = (await readText(unit, profile.identity.model, said)) ?? device.model;
    const serial = await readText(unit, profile.identity.serial, said);
    const firmware = (await readText(unit, profile.identity.firmware, said)) ?? device.firmware;
    const none = { code: "no_reading", detail: `profile ${profile.id}: the device gives none of its readings` };
    return {
      ...device,
      model,
      serial,
      firmware,
      readings,
      problems: readings.length > 0 ? problems : [...problems, none],
    };
  } catch (error) {
    if (!(error instanceof NoAnswer) || error.aborted) throw error;
    return { ...device, problems: [{ code: "no_answer", detail: error.message }] };
  }
}

/** Texts in registers first: many field devices keep silent on function 43. Null when the unit does not answer at all. */
async function recognise(unit: Unit, profiles: readonly DeviceProfile[]): Promise<Seen | null> {
  let isThere = false;
  for (const at of registersToMatch(profiles)) {
    const bytes = await heard(readRegisters(unit.connection, unit.unitId, at));
    if (bytes === "absent") return null;
    // Who keeps silent on a read is not there; only over TCP a second word is cheap enough to make sure.
    if (bytes === "silent" && unit.connection.framing !== "tcp" && !isThere) return null;
    if (bytes === "silent") break;
    isThere = true;
    const text = bytes === "refused" ? null : toRegisterText(bytes);
    const profile = text === null ? null : profileByText(profiles, at, text);
    if (profile) return { profile, identification: null };
  }
  if (unit.connection.closed) return isThere ? { profile: null, identification: null } : null;
  const said = await heard(readDeviceIdentification(unit.connection, unit.unitId));
  if (said === "absent" || said === "silent") return isThere ? { profile: null, identification: null } : null;
  if (said === "refused") return { profile: null, identification: null };
  return { profile: profileByIdentification(profiles, said), identification: said };
}

/** What came of a request, where a refusal or silence is an answer to the question of who is there. */
async function heard<T>(request: Promise<T>): Promise<T | "refused" | "absent" | "silent"> {
  try {
    return await request;
  } catch (error) {
    if (error instanceof ModbusException) return gatewayCodes.includes(error.code) ? "absent" : "refused";
    if (error instanceof NoAnswer && !error.aborted) return "silent";
    throw error;
  }
}
