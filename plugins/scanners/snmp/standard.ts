import type { ProfileSnmpReading, StandardGroup } from "#pkg/contracts/profile.ts";

/** UPS-MIB, RFC 1628: who has any of it is a UPS. */
export const upsMib = "1.3.6.1.2.1.33.1";
const sensorMib = "1.3.6.1.2.1.99.1.1.1";
const entityName = "1.3.6.1.2.1.47.1.1.1.1.7";
const ifTable = "1.3.6.1.2.1.2.2.1";
const ifXTable = "1.3.6.1.2.1.31.1.1.1";

/** SNMPv2-MIB: every device has it. */
export const uptime: ProfileSnmpReading = {
  field: "uptime",
  kind: "count",
  unit: "s",
  scale: 0.01,
  oid: "1.3.6.1.2.1.1.3.0",
};

/** How many bridge ports (BRIDGE-MIB): who has them is a switch. */
export const bridgePorts = "1.3.6.1.2.1.17.1.2.0";

/** Readings of each group of standard MIBs. */
export const standardReadings: Readonly<Record<StandardGroup, readonly ProfileSnmpReading[]>> = {
  ups: upsReadings(),
  sensors: [entitySensors()],
  interfaces: interfaceReadings(),
  host: [{ field: "cpu_load", kind: "load", unit: "%", min: 0, max: 100, oid: "1.3.6.1.2.1.25.3.3.1.2", part: "cpu" }],
};

/** UPS-MIB, RFC 1628. */
function upsReadings(): ProfileSnmpReading[] {
  const battery = { part: "battery" };
  const amps = { kind: "current", unit: "A", scale: 0.1 } as const;
  const hertz = { field: "frequency", kind: "frequency", unit: "Hz", scale: 0.1 } as const;
  const line = (table: string, part: string, columns: [string, number][]) =>
    lineReadings(`${upsMib}.${table}`, part, columns);
  return [
    { field: "battery_status", kind: "state", unit: "1", tags: battery, oid: `${upsMib}.2.1.0` },
    { field: "time_on_battery", kind: "runtime", unit: "min", scale: 1 / 60, tags: battery, oid: `${upsMib}.2.2.0` },
    { field: "runtime", kind: "runtime", unit: "min", tags: battery, oid: `${upsMib}.2.3.0` },
    { field: "charge", kind: "charge", unit: "%", min: 0, max: 100, tags: battery, oid: `${upsMib}.2.4.0` },
    { field: "voltage", kind: "voltage", unit: "V", scale: 0.1, tags: battery, oid: `${upsMib}.2.5.0` },
    { field: "current", ...amps, tags: battery, oid: `${upsMib}.2.6.0` },
    {
      field: "temperature",
      kind: "temperature",
      unit: "°C",
      min: -40,
      max: 120,
      tags: battery,
      oid: `${upsMib}.2.7.0`,
    },
    { ...hertz, tags: { part: "input" }, oid: `${upsMib}.3.3.1.2`, part: "phase" },
    ...line("3.3.1", "input", [
      ["voltage", 3],
      ["current", 4],
      ["power", 5],
    ]),
    { field: "output_source", kind: "state", unit: "1", tags: { part: "output" }, oid: `${upsMib}.4.1.0` },
    { ...hertz, tags: { part: "output" }, oid: `${upsMib}.4.2.0` },
    ...line("4.4.1", "output", [
      ["voltage", 2],
      ["current", 3],
      ["power", 4],
      ["load", 5],
    ]),
    { ...hertz, tags: { part: "bypass" }, oid: `${upsMib}.5.1.0` },
    ...line("5.3.1", "bypass", [
      ["voltage", 2],
      ["current", 3],
      ["power", 4],
    ]),
    { field: "alarms", kind: "count", unit: "1", oid: `${upsMib}.6.1.0` },
  ];
}

function lineReadings(table: string, part: string, columns: [string, number][]): ProfileSnmpReading[] {
  return columns.map(([field, column]) => ({
    ...lineQuantity(field),
    tags: { part },
    oid: `${table}.${column}`,
    part: "phase",
  }));
}

function lineQuantity(field: string) {
  switch (field) {
    case "voltage":
      return { field, kind: "voltage", unit: "V" } as const;
    case "current":
      return { field, kind: "current", unit: "A", scale: 0.1 } as const;
    case "power":
      return { field, kind: "power", unit: "W" } as const;
    default:
      return { field: "load", kind: "load", unit: "%" } as const;
  }
}

/** ENTITY-SENSOR-MIB, RFC 3433: type, scale and precision stand in columns beside the value. */
function entitySensors(): ProfileSnmpReading {
  return {
    oid: `${sensorMib}.4`,
    part: "sensor",
    partOid: entityName,
    onlyIf: { oid: `${sensorMib}.5`, values: [1] },
    scaleFrom: [
      { oid: `${sensorMib}.2`, by: "map", map: siPrefixes() },
      { oid: `${sensorMib}.3`, by: "decimals" },
    ],
    type: {
      oid: `${sensorMib}.1`,
      map: {
        3: { field: "voltage", kind: "voltage", unit: "V" },
        4: { field: "voltage", kind: "voltage", unit: "V", tags: { supply: "dc" } },
        5: { field: "current", kind: "current", unit: "A" },
        6: { field: "power", kind: "power", unit: "W" },
        7: { field: "frequency", kind: "frequency", unit: "Hz" },
        8: { field: "temperature", kind: "temperature", unit: "°C", min: -60, max: 250 },
        9: { field: "humidity", kind: "humidity", unit: "%RH", min: 0, max: 100 },
        10: { field: "fanspeed", kind: "fanspeed", unit: "rpm" },
        11: { field: "airflow", kind: "airflow", unit: "m³/min" },
        12: { field: "state", kind: "state", unit: "1" },
      },
    },
  };
}

/** SensorDataScale: 1 is yocto (10^-24), 9 is units, 17 is yotta. */
function siPrefixes(): Record<string, number> {
  return Object.fromEntries(Array.from({ length: 17 }, (_, i) => [i + 1, 10 ** (3 * (i - 8))]));
}

/** IF-MIB, RFC 2863: 64-bit counters; version 1 has only the small ones, which come under the same names. */
function interfaceReadings(): ProfileSnmpReading[] {
  const port = { part: "port", partOid: `${ifXTable}.1` };
  return [
    { field: "state", kind: "state", unit: "1", oid: `${ifTable}.8`, ...port },
    { field: "in_octets", kind: "count", unit: "B", oid: `${ifXTable}.6`, ...port },
    { field: "out_octets", kind: "count", unit: "B", oid: `${ifXTable}.10`, ...port },
  ];
}

/** The readings of some groups as one device has them. */
export function readingsOf(groups: readonly StandardGroup[], version: "1" | "2c"): ProfileSnmpReading[] {
  const readings = groups.flatMap((group) => standardReadings[group]);
  return version === "2c" ? readings : readings.map(withSmallCounters);
}

function withSmallCounters(reading: ProfileSnmpReading): ProfileSnmpReading {
  if (reading.oid === `${ifXTable}.6`) return { ...reading, oid: `${ifTable}.10` };
  if (reading.oid === `${ifXTable}.10`) return { ...reading, oid: `${ifTable}.16` };
  return reading;
}
