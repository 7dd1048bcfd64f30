import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { FoundDevice } from "#pkg/contracts/reading.ts";

/** What is expected of one walk: a row of devices.csv and its rows of sensors.csv. */
export interface ExpectedDevice {
  hardware: string;
  version: string;
  serial: string;
  sensors: { class: string; oid: string; descr: string; value: number }[];
}

export interface Verdict {
  passed: number;
  failures: string[];
}

/** Reads devices.csv and sensors.csv; a walk without a row is only expected to be found. */
export async function readExpectations(folder: string): Promise<Map<string, ExpectedDevice>> {
  const devices = parseCsv(await readFile(join(folder, "devices.csv"), "utf8"));
  const expected = new Map<string, ExpectedDevice>();
  for (const row of devices) {
    const { hardware = "", version = "", serial = "" } = row;
    expected.set(row["recording"] ?? "", { hardware, version, serial, sensors: [] });
  }
  for (const row of parseCsv(await readFile(join(folder, "sensors.csv"), "utf8"))) {
    const sensor = {
      class: row["class"] ?? "",
      oid: row["oid"] ?? "",
      descr: row["descr"] ?? "",
      value: Number(row["value"]),
    };
    expected.get(row["recording"] ?? "")?.sensors.push(sensor);
  }
  return expected;
}

/** One check for being found, one for each identity text that is expected, one for each sensor. */
export function judgeWalk(expected: ExpectedDevice | undefined, device: FoundDevice | undefined): Verdict {
  const verdict: Verdict = { passed: 0, failures: [] };
  const check = (holds: boolean, failure: string) => {
    if (holds) verdict.passed++;
    else verdict.failures.push(failure);
  };
  check(device !== undefined && device.readings.length > 0, "not found, or without any reading");
  if (!expected) return verdict;
  for (const [what, wanted, said] of [
    ["model", expected.hardware, device?.model],
    ["firmware", expected.version, device?.firmware],
    ["serial", expected.serial, device?.serial],
  ] as const) {
    if (wanted !== "") check(isSameText(wanted, said ?? null), `${what}: ${said ?? "none"}, expected ${wanted}`);
  }
  const readings = new Map(
    device?.readings.map((reading) => [reading.source.type === "snmp" ? reading.source.oid : "", reading]),
  );
  for (const sensor of expected.sensors) {
    const reading = readings.get(sensor.oid);
    const place = `${sensor.class} ${sensor.oid} (${sensor.descr})`;
    const said = reading ? `${reading.kind} ${reading.value} ${reading.unit}` : "no reading";
    check(
      reading?.kind === sensor.class && isNear(reading.value, sensor.value),
      `${place}: ${said}, expected ${sensor.value}`,
    );
  }
  return verdict;
}

function isNear(value: number, expected: number): boolean {
  return Math.abs(value - expected) <= Math.max(Math.abs(expected) * 0.01, 1e-9);
}

/** One holds the other: makers and LibreNMS glue model and revision together in their own ways. */
function isSameText(expected: string, said: string | null): boolean {
  if (said === null) return false;
  const [a, b] = [expected, said].map((text) => text.toLowerCase().replace(/\s+/g, " ").trim());
  return a !== undefined && b !== undefined && (a.includes(b) || b.includes(a));
}

/** RFC 4180, with a header row. */
export function parseCsv(text: string): Record<string, string>[] {
  const [header = [], ...rows] = toRows(text);
  return rows.map((row) => Object.fromEntries(header.map((name, i) => [name, row[i] ?? ""])));
}

function toRows(text: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  for (const [, quoted, plain = "", end] of text.matchAll(/(?:"((?:[^"]|"")*)"|([^,\r\n]*))(,|\r?\n|$)/g)) {
    row.push(quoted?.replaceAll('""', '"') ?? plain);
    if (end === ",") continue;
    if (row.length > 1 || row[0] !== "") rows.push(row);
    row = [];
  }
  return rows;
}
