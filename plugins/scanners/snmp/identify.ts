import { type DeviceProfile, type ProfileSnmpReading, standardGroups } from "#pkg/contracts/profile.ts";
import type { DeviceProblem, FoundDevice, Reading, SnmpEndpoint } from "#pkg/contracts/reading.ts";
import { NoAnswer } from "./client.ts";
import { type Identity, identityOids, readIdentity, readStandardIdentity } from "./identity.ts";
import { bestProfile, candidatesFor, oidsToMatch, type SystemTexts } from "./match.ts";
import type { SnmpReader } from "./read.ts";
import { resolveReadings } from "./resolve.ts";
import { bridgePorts, readingsOf, upsMib, uptime } from "./standard.ts";
import { sysDescr, sysName, sysObjectId } from "./system.ts";
import { type SnmpValue, toText } from "./value.ts";

/** The texts of the system group among `values`. */
export function toSystemTexts(values: ReadonlyMap<string, SnmpValue>): SystemTexts {
  const text = (oid: string) => {
    const value = values.get(oid);
    return value ? toText(value) : null;
  };
  const id = values.get(sysObjectId);
  return {
    sysDescr: text(sysDescr),
    sysObjectId: id?.type === "oid" ? text(sysObjectId) : null,
    sysName: text(sysName),
  };
}

/** Reads the system group. Throws `NoAnswer`. */
export async function readSystemTexts(reader: SnmpReader): Promise<SystemTexts> {
  return toSystemTexts(await reader.instances([sysDescr, sysObjectId, sysName]));
}

/**
 * Says what a device is and what it offers, by the best profile or by standard MIBs. A device that falls silent on
 * the way is told with what was known until then and the problem `no_answer`. Throws only when the scan is stopped.
 */
export async function identify(
  endpoint: SnmpEndpoint,
  texts: SystemTexts,
  profiles: readonly DeviceProfile[],
  reader: SnmpReader,
): Promise<FoundDevice> {
  const device: FoundDevice = { ...unknownDevice(endpoint), ...texts };
  const problems: DeviceProblem[] = [];
  try {
    const profile = await chooseProfile(texts, profiles, reader);
    const seen = profile ? await readByProfile(reader, profile, texts) : await readByStandard(reader);
    Object.assign(device, seen.device);
    problems.push(...seen.problems);
  } catch (error) {
    if (!(error instanceof NoAnswer) || error.aborted) throw error;
    problems.push({ code: "no_answer", detail: error.message });
  }
  for (const oddity of reader.oddities) problems.push({ code: "odd_agent", detail: oddity });
  if (device.readings.length === 0) problems.push(noReading(device));
  return { ...device, problems };
}

function unknownDevice(endpoint: SnmpEndpoint): FoundDevice {
  const unsaid = {
    vendor: null,
    model: null,
    serial: null,
    firmware: null,
    sysName: null,
    sysDescr: null,
    sysObjectId: null,
  };
  return { endpoint, kind: "device", profile: null, ...unsaid, readings: [], problems: [] };
}

function noReading({ profile, sysObjectId: id }: FoundDevice): DeviceProblem {
  return profile
    ? { code: "no_reading", detail: `profile ${profile}: the device gives none of its readings` }
    : {
        code: "no_profile",
        detail: `no profile for ${id ?? "a device without sysObjectID"}, and no standard MIB answers`,
      };
}

/** Rows of a column that are looked at for a profile's word: a chassis stands among the first. */
const matchRows = 16;

async function chooseProfile(texts: SystemTexts, profiles: readonly DeviceProfile[], reader: SnmpReader) {
  const candidates = candidatesFor(texts, profiles);
  const values = await reader.instances(oidsToMatch(candidates));
  const columns = oidsToMatch(candidates).filter((oid) => !values.has(oid) && !oid.endsWith(".0"));
  const rows = await reader.columns(columns, { maxRows: matchRows });
  return bestProfile(candidates, (oid) => {
    const value = values.get(oid);
    if (value) return toText(value) ?? "";
    const found = rows.get(oid) ?? [];
    return found.length === 0 ? null : found.map((row) => toText(row.value) ?? "").join("\n");
  });
}

interface Seen {
  device: Partial<FoundDevice>;
  problems: DeviceProblem[];
}

async function readByProfile(reader: SnmpReader, chosen: DeviceProfile, texts: SystemTexts): Promise<Seen> {
  const profile = withOwnOids(chosen, texts.sysObjectId);
  const own = await resolveReadings(reader, {
    source: `profile ${profile.id}`,
    readings: profile.readings.filter(isSnmp),
    optional: profile.optional ?? false,
    extraOids: identityOids(profile.identity),
  });
  const groups = own.readings.length === 0 ? standardGroups : (profile.standard ?? []);
  const standard = await readGroups(reader, groups);
  const told = await readIdentity(reader, profile.identity, texts, own.extra);
  const spare = told.model && told.serial && told.firmware ? null : await readStandardIdentity(reader);
  const readings = withoutDoubles([...standard, ...own.readings]);
  return {
    device: {
      kind: profile.kind,
      profile: profile.id,
      vendor: profile.vendor,
      model: told.model ?? spare?.model ?? profile.model,
      serial: told.serial ?? spare?.serial ?? null,
      firmware: told.firmware ?? spare?.firmware ?? null,
      readings,
    },
    problems: own.problems,
  };
}

async function readByStandard(reader: SnmpReader): Promise<Seen> {
  const readings = await readGroups(reader, standardGroups);
  const identity: Identity = await readStandardIdentity(reader);
  const kind = await standardKind(reader, readings);
  return { device: { ...identity, kind, profile: readings.length > 0 ? "standard" : null, readings }, problems: [] };
}

async function readGroups(reader: SnmpReader, groups: readonly (typeof standardGroups)[number][]): Promise<Reading[]> {
  const readings = [uptime, ...readingsOf(groups, reader.version)];
  const { readings: found } = await resolveReadings(reader, { source: "standard MIBs", readings, optional: true });
  return found;
}

/** What a device is that has no profile. */
async function standardKind(reader: SnmpReader, readings: readonly Reading[]): Promise<string> {
  const has = (field: string) => readings.some((reading) => reading.field === field);
  if (readings.some(({ source }) => source.type === "snmp" && source.oid.startsWith(`${upsMib}.`))) return "ups";
  if (has("in_octets") && (await reader.instances([bridgePorts])).size > 0) return "switch";
  return has("cpu_load") ? "server" : "device";
}

/** `{sysObjectId}` filled in; a device that does not tell its own has none of these OIDs. */
function withOwnOids(profile: DeviceProfile, id: string | null): DeviceProfile {
  const text = JSON.stringify({ identity: profile.identity, readings: profile.readings });
  if (!text.includes("{sysObjectId}")) return profile;
  // the same two members, read back
  const filled = JSON.parse(text.replaceAll("{sysObjectId}", id ?? "1.3.6.1.4.1.0")) as Pick<
    DeviceProfile,
    "identity" | "readings"
  >;
  return { ...profile, ...filled };
}

function isSnmp(reading: DeviceProfile["readings"][number]): reading is ProfileSnmpReading {
  return "oid" in reading;
}

/** Standard readings go before the profile's own with the same field and tags: these stand in where a device lacks those. */
function withoutDoubles(readings: readonly Reading[]): Reading[] {
  const known = new Set<string>();
  return readings.filter(({ source, field, tags }) => {
    const keys = [source.type === "snmp" ? source.oid : "", JSON.stringify([field, Object.entries(tags).sort()])];
    if (keys.some((key) => known.has(key))) return false;
    for (const key of keys) known.add(key);
    return true;
  });
}
