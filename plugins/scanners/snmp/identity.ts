import type { ProfileIdentity, ProfileText } from "#pkg/contracts/profile.ts";
import type { SystemTexts } from "./match.ts";
import { parseOid, toOidText } from "./oid.ts";
import type { SnmpReader } from "./read.ts";
import { type SnmpValue, toText } from "./value.ts";
import type { Row } from "./walk.ts";

/** What is shown of a device. All of it is the device's own text. */
export interface Identity {
  vendor: string | null;
  model: string | null;
  serial: string | null;
  firmware: string | null;
}

/** The OIDs that identity texts may stand at; columns among them do not answer a GET and are asked for in `readIdentity`. */
export function identityOids(identity: ProfileIdentity): string[] {
  const texts = [identity.model, identity.serial, identity.firmware].flatMap(alternatives);
  return [...new Set(texts.flatMap((text) => ("oid" in text ? [text.oid] : [])))];
}

/** Texts by the profile's rules. `known` are instances read already; what is not among them may be a column's first row. */
export async function readIdentity(
  reader: SnmpReader,
  identity: ProfileIdentity,
  texts: SystemTexts,
  known: ReadonlyMap<string, SnmpValue>,
): Promise<Omit<Identity, "vendor">> {
  const open = identityOids(identity).filter((oid) => !known.has(oid) && parseOid(oid).at(-1) !== 0);
  const rows = await reader.columns(open, { maxRows: 1 });
  const textAt = (oid: string) => {
    const value = known.get(oid) ?? rows.get(oid)?.[0]?.value;
    return value ? toText(value) : null;
  };
  const pick = (rule: ProfileIdentity["model"]) => firstText(alternatives(rule), texts, textAt);
  return { model: pick(identity.model), serial: pick(identity.serial), firmware: pick(identity.firmware) };
}

function alternatives(rule: ProfileIdentity["model"]): readonly ProfileText[] {
  return rule === undefined ? [] : [rule].flat();
}

function firstText(
  rules: readonly ProfileText[],
  texts: SystemTexts,
  textAt: (oid: string) => string | null,
): string | null {
  for (const rule of rules) {
    const source = "oid" in rule ? textAt(rule.oid) : "sysDescr" in rule ? texts.sysDescr : null;
    const text = source === null ? null : extract(source, rule);
    if (text) return text;
  }
  return null;
}

/** The part of `source` that the rule's pattern finds; all of it without one. Null when the pattern finds nothing. */
export function extract(source: string, { pattern, text }: Pick<ProfileText, "pattern" | "text">): string | null {
  if (pattern === undefined) return source;
  const found = new RegExp(pattern, "i").exec(source);
  if (!found) return null;
  const filled = text?.replace(/\{(\d)\}/g, (_, group: string) => found[Number(group)] ?? "") ?? found[1] ?? found[0];
  return filled.trim() || null;
}

const entity = {
  manufacturer: "1.3.6.1.2.1.47.1.1.1.1.12",
  model: "1.3.6.1.2.1.47.1.1.1.1.13",
  serial: "1.3.6.1.2.1.47.1.1.1.1.11",
  software: "1.3.6.1.2.1.47.1.1.1.1.10",
  firmware: "1.3.6.1.2.1.47.1.1.1.1.9",
};
const ups = {
  manufacturer: "1.3.6.1.2.1.33.1.1.1.0",
  model: "1.3.6.1.2.1.33.1.1.2.0",
  software: "1.3.6.1.2.1.33.1.1.3.0",
  agent: "1.3.6.1.2.1.33.1.1.4.0",
};
/** A chassis stands among the first rows of entPhysicalTable. */
const entityRows = 32;

/** What ENTITY-MIB and UPS-MIB say of the device. */
export async function readStandardIdentity(reader: SnmpReader): Promise<Identity> {
  const upsTexts = await reader.instances(Object.values(ups));
  const columns = await reader.columns(Object.values(entity), { maxRows: entityRows });
  const upsText = (oid: string) => textOf(upsTexts.get(oid));
  const chassis = chassisIndex(columns.get(entity.model) ?? []);
  const entityText = (oid: string) => rowText(columns.get(oid) ?? [], chassis);
  return {
    vendor: upsText(ups.manufacturer) ?? entityText(entity.manufacturer),
    model: upsText(ups.model) ?? entityText(entity.model),
    serial: entityText(entity.serial),
    firmware: upsText(ups.software) ?? upsText(ups.agent) ?? entityText(entity.software) ?? entityText(entity.firmware),
  };
}

/** The first row that has a model; modules and fans come behind the chassis. */
function chassisIndex(models: readonly Row[]): string | null {
  const row = models.find(({ value }) => textOf(value) !== null);
  return row ? toOidText(row.index) : null;
}

function rowText(rows: readonly Row[], index: string | null): string | null {
  const own = rows.find((row) => toOidText(row.index) === index);
  return textOf(own?.value) ?? textOf(rows.find(({ value }) => textOf(value) !== null)?.value);
}

function textOf(value: SnmpValue | undefined): string | null {
  return value ? toText(value) : null;
}
