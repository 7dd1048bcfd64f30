import type { ProfileQuantity, ProfileSnmpReading } from "#pkg/contracts/profile.ts";
import type { DeviceProblem, Reading } from "#pkg/contracts/reading.ts";
import type { SnmpReader } from "./read.ts";
import { arcOf, type Column, createColumn, factorOf } from "./rows.ts";
import { type SnmpValue, toNumber, toText } from "./value.ts";
import type { Row } from "./walk.ts";

/** Readings found, and what the profile promised but the device does not give. */
export interface Resolved {
  readings: Reading[];
  problems: DeviceProblem[];
  /** Values of `extraOids` by OID. */
  extra: ReadonlyMap<string, SnmpValue>;
}

export interface ResolveRequest {
  /** Stands in problems: `profile delta/pdue428`. */
  source: string;
  readings: readonly ProfileSnmpReading[];
  /** No absence is a problem. */
  optional: boolean;
  /** Instances to read along, in the same requests. */
  extraOids?: readonly string[];
}

/** Reads what a profile names and turns each value into a reading at the very instance it came from. */
export async function resolveReadings(reader: SnmpReader, request: ResolveRequest): Promise<Resolved> {
  const instances = request.readings.filter((reading) => reading.part === undefined);
  const columns = request.readings.filter((reading) => reading.part !== undefined);
  const values = await reader.instances([...instances.map(({ oid }) => oid), ...(request.extraOids ?? [])]);
  const rows = await reader.columns(columns.flatMap(columnOids));
  const lookups = new Map([...rows].map(([oid, column]) => [oid, createColumn(column)]));
  const collected = createCollector(request);
  for (const reading of instances) collected.addInstance(reading, values.get(reading.oid));
  for (const reading of columns) collected.addColumn(reading, rows.get(reading.oid) ?? [], lookups);
  return { ...collected.result(), extra: values };
}

function columnOids(reading: ProfileSnmpReading): string[] {
  const { oid, partOid, onlyIf } = reading;
  const typeOid = "type" in reading ? reading.type.oid : undefined;
  const scaleOids = scaleRules(reading).map((rule) => rule.oid);
  return [oid, partOid, onlyIf?.oid, typeOid, ...scaleOids].filter((one) => one !== undefined);
}

function scaleRules({ scaleFrom }: ProfileSnmpReading) {
  return scaleFrom === undefined ? [] : [scaleFrom].flat();
}

function createCollector({ source, optional }: ResolveRequest) {
  const readings: Reading[] = [];
  const problems: DeviceProblem[] = [];
  const known: Known = new Map();
  const absent: ProfileSnmpReading[] = [];
  const problem = (reading: ProfileSnmpReading, code: string, what: string) => {
    if (!optional && !reading.optional) problems.push({ code, detail: `${source}, ${nameOf(reading)}: ${what}` });
  };

  /** True when the row gave a reading or was rightly left out. */
  const add = (reading: ProfileSnmpReading, quantity: ProfileQuantity, place: Place): boolean => {
    const raw = toNumber(place.value);
    if (raw === null) {
      problem(reading, "reading_not_numeric", `${place.oid} is no number`);
      return false;
    }
    if (reading.absent?.includes(raw)) return true;
    const scale = (quantity.scale ?? 1) * place.factor;
    const value = Number((raw * scale).toPrecision(12));
    if (value < (quantity.min ?? -Infinity) || value > (quantity.max ?? Infinity)) {
      problem(reading, "reading_implausible", `${place.oid} says ${value} ${quantity.unit}`);
      return true;
    }
    const { field, kind, unit } = quantity;
    const tags = unusedTags(known, reading, field, { ...quantity.tags, ...place.tags }, place.row);
    if (!tags) return true;
    readings.push({ field, tags, kind, unit, scale, value, source: { type: "snmp", oid: place.oid } });
    return true;
  };

  return {
    addInstance(reading: ProfileSnmpReading, value: SnmpValue | undefined) {
      if (!value) return void absent.push(reading);
      if (!("type" in reading)) add(reading, reading, { oid: reading.oid, value, factor: 1, tags: {}, row: "0" });
    },
    addColumn(reading: ProfileSnmpReading, rows: readonly Row[], lookups: ReadonlyMap<string, Column>) {
      if (rows.length === 0) return problem(reading, "reading_missing", `${reading.oid} did not answer`);
      for (const row of rows) {
        const quantity = isWanted(reading, row, lookups) ? quantityOf(reading, row, lookups) : null;
        const factor = quantity && rowFactor(reading, row, lookups);
        if (!quantity || factor === null) continue;
        const index = row.index.join(".");
        const tags = { ...reading.tags, [reading.part ?? "part"]: partName(reading, row, lookups) };
        if (!add(reading, quantity, { oid: `${reading.oid}.${index}`, value: row.value, factor, tags, row: index }))
          return;
      }
    },
    result() {
      for (const reading of absent) {
        if (!("type" in reading) && known.has(keyOf(reading.field, reading.tags ?? {}))) continue; // an alternative answered
        problem(reading, "reading_missing", `${reading.oid} did not answer`);
      }
      return { readings, problems };
    },
  };
}

interface Place {
  oid: string;
  value: SnmpValue;
  factor: number;
  tags: Record<string, string>;
  row: string;
}

function nameOf(reading: ProfileSnmpReading): string {
  return "type" in reading ? (reading.part ?? "rows") : reading.field;
}

/** Which reading of the profile gave a field with its tags. */
type Known = Map<string, ProfileSnmpReading>;

/**
 * Two rows of one column with one name would be one series: the second gets its index as a tag. A later reading of the
 * profile with the same field and tags is an alternative that was not needed: null.
 */
function unusedTags(
  known: Known,
  reading: ProfileSnmpReading,
  field: string,
  tags: Record<string, string>,
  row: string,
): Record<string, string> | null {
  const owner = known.get(keyOf(field, tags));
  if (owner && owner !== reading) return null;
  const own = owner ? { ...tags, row } : tags;
  known.set(keyOf(field, own), reading);
  return own;
}

function keyOf(field: string, tags: Record<string, string>): string {
  return JSON.stringify([field, Object.entries(tags).sort()]);
}

function isWanted({ onlyIf }: ProfileSnmpReading, row: Row, lookups: ReadonlyMap<string, Column>): boolean {
  const value = onlyIf && lookups.get(onlyIf.oid)?.at(row.index);
  if (!value) return true;
  const text = toText(value)?.toLowerCase() ?? "";
  return onlyIf.values.some((wanted) => String(wanted).toLowerCase() === text);
}

function quantityOf(
  reading: ProfileSnmpReading,
  row: Row,
  lookups: ReadonlyMap<string, Column>,
): ProfileQuantity | null {
  if (!("type" in reading)) return reading;
  const { oid, arc, map } = reading.type;
  const value = oid === undefined ? null : (lookups.get(oid)?.at(row.index) ?? null);
  const word = (value ? toText(value) : arc === undefined ? null : String(arcOf(row.index, arc))) ?? "";
  const exact = Object.keys(map).find((key) => key.toLowerCase() === word.toLowerCase());
  const key = exact ?? Object.keys(map).find((one) => one.startsWith("/") && toPattern(one).test(word));
  return (key !== undefined && map[key]) || null;
}

function toPattern(key: string): RegExp {
  return new RegExp(key.slice(1, key.lastIndexOf("/")), "i");
}

function rowFactor(reading: ProfileSnmpReading, row: Row, lookups: ReadonlyMap<string, Column>): number | null {
  let factor = 1;
  for (const rule of scaleRules(reading)) {
    const one = factorOf(rule, lookups.get(rule.oid)?.at(row.index) ?? null) ?? rule.otherwise ?? null;
    if (one === null) return null;
    factor *= one;
  }
  return Number(factor.toPrecision(12));
}

function partName({ partOid, partArc }: ProfileSnmpReading, row: Row, lookups: ReadonlyMap<string, Column>): string {
  const value = partOid === undefined ? null : (lookups.get(partOid)?.at(row.index) ?? null);
  const named = value && toText(value);
  const arc = partArc === undefined ? undefined : arcOf(row.index, partArc);
  return named ?? (arc === undefined ? row.index.join(".") : String(arc));
}
