import type { TSchema } from "typebox";
import { Value } from "typebox/value";
import {
  matchSchemas,
  modbusReading,
  profileSchema,
  snmpReading,
  snmpTypedReading,
  textSchemas,
  unitsOfKind,
} from "./schema.ts";

/** One wrong place of a profile file. */
export interface Fault {
  path: (string | number)[];
  detail: string;
}

/** Everything wrong with a profile as it came out of YAML; an empty list when it may be used. */
export function checkProfile(value: unknown): Fault[] {
  const faults = check(profileSchema, value, []);
  if (faults.length > 0 || !isRecord(value))
    return faults.length > 0 ? faults : [{ path: [], detail: "is no mapping" }];
  const modbus = value["protocol"] === "modbus";
  const identity = isRecord(value["identity"]) ? value["identity"] : {};
  return [
    ...each(value["match"], ["match"], (one, path) => check(matchSchemaOf(one), one, path)),
    ...Object.entries(identity).flatMap(([key, rule]) =>
      each(rule, ["identity", key], (one, path) => [
        ...check(textSchemaOf(one), one, path),
        ...checkPattern(one, path),
      ]),
    ),
    ...each(value["readings"], ["readings"], (one, path) => checkReading(one, path, modbus)),
  ];
}

function checkReading(reading: unknown, path: Fault["path"], modbus: boolean): Fault[] {
  const typed = isRecord(reading) && "type" in reading;
  const faults = check(modbus ? modbusReading : typed ? snmpTypedReading : snmpReading, reading, path);
  if (faults.length > 0 || !isRecord(reading)) return faults;
  if (!typed) return checkUnit(reading, path);
  if (!reading["part"])
    faults.push({ path, detail: "a reading with `type` needs `part`, the tag that tells its rows apart" });
  const type = isRecord(reading["type"]) ? reading["type"] : {};
  if ((type["oid"] === undefined) === (type["arc"] === undefined)) {
    faults.push({ path: [...path, "type"], detail: "needs either `oid` or `arc`" });
  }
  const map = isRecord(type["map"]) ? type["map"] : {};
  return [
    ...faults,
    ...Object.entries(map).flatMap(([key, quantity]) => [
      ...(isRecord(quantity) ? checkUnit(quantity, [...path, "type", "map", key]) : []),
      ...(key.startsWith("/") ? checkRegExp(key.slice(1, key.lastIndexOf("/")), [...path, "type", "map", key]) : []),
    ]),
  ];
}

function checkUnit({ kind, unit }: Record<string, unknown>, path: Fault["path"]): Fault[] {
  const units = unitsOfKind[String(kind)] ?? [];
  if (units.includes(String(unit))) return [];
  return [
    { path: [...path, "unit"], detail: `${unit} is no unit of ${kind}: take ${units.join(", ")} and set \`scale\`` },
  ];
}

function checkPattern(rule: unknown, path: Fault["path"]): Fault[] {
  return isRecord(rule) && typeof rule["pattern"] === "string"
    ? checkRegExp(rule["pattern"], [...path, "pattern"])
    : [];
}

function checkRegExp(pattern: string, path: Fault["path"]): Fault[] {
  try {
    new RegExp(pattern, "i");
    return [];
  } catch (error) {
    return [{ path, detail: error instanceof Error ? error.message : String(error) }];
  }
}

function matchSchemaOf(match: unknown): TSchema {
  if (isRecord(match) && "registers" in match) return matchSchemas.registers;
  return isRecord(match) && "deviceIdentification" in match ? matchSchemas.deviceIdentification : matchSchemas.snmp;
}

function textSchemaOf(text: unknown): TSchema {
  if (!isRecord(text)) return textSchemas.oid;
  if ("sysDescr" in text) return textSchemas.sysDescr;
  if ("register" in text) return textSchemas.register;
  return "deviceIdentification" in text ? textSchemas.deviceIdentification : textSchemas.oid;
}

/** One value or a list of them, each with its path. */
function each(value: unknown, path: Fault["path"], faultsOf: (one: unknown, path: Fault["path"]) => Fault[]): Fault[] {
  if (value === undefined) return [];
  return Array.isArray(value) ? value.flatMap((one, i) => faultsOf(one, [...path, i])) : faultsOf(value, path);
}

function check(schema: TSchema, value: unknown, path: Fault["path"]): Fault[] {
  if (Value.Check(schema, value)) return [];
  const faults = Value.Errors(schema, value).flatMap((error) => {
    const at = [...path, ...error.instancePath.split("/").slice(1).map(toStep)];
    if (error.keyword === "additionalProperties") {
      return error.params.additionalProperties.map((key) => ({ path: [...at, key], detail: "unknown key" }));
    }
    if (error.keyword === "required")
      return error.params.requiredProperties.map((key) => ({ path: at, detail: `lacks \`${key}\`` }));
    // of a key that must not be there the engine says this, too
    return error.message === "schema is false" ? [] : [{ path: at, detail: error.message }];
  });
  const depth = Math.max(...faults.map((fault) => fault.path.length));
  return faults.filter((fault) => fault.path.length === depth || fault.detail.startsWith("lacks"));
}

function toStep(pointer: string): string | number {
  const text = pointer.replaceAll("~1", "/").replaceAll("~0", "~");
  return /^\d+$/.test(text) ? Number(text) : text;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
