import type { Device } from "#internal/inventory/contract.ts";
import type { DeviceProblem, Reading, ReadingKind } from "#pkg/contracts/reading.ts";
import { toFieldName } from "../render/fieldname.ts";

/** Bounds of what a sensor of each kind can say, in its unit; a wrong register or scale mostly falls outside. */
const bounds: Partial<Record<ReadingKind, readonly [least: number, most: number]>> = {
  temperature: [-60, 250],
  current: [-10_000, 10_000],
  voltage: [-100_000, 100_000],
  power: [-1e8, 1e8],
  power_consumed: [0, 1e12],
  frequency: [0, 1000],
  humidity: [0, 100],
  charge: [0, 100],
  load: [-200, 1000],
  runtime: [0, 1e6],
  fanspeed: [0, 200_000],
  power_factor: [-100, 100],
};

/** Whether a value can be true of its kind. */
export function isPlausible(kind: ReadingKind, value: number): boolean {
  const [least, most] = bounds[kind] ?? [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
  return Number.isFinite(value) && value >= least && value <= most;
}

/**
 * The device with the readings that can be deployed, and what is wrong with the others. Without any the device cannot
 * be collected at all.
 */
export function toDeployable(device: Device): { device: Device; problem: DeviceProblem | null } {
  const seen = new Set<string>();
  const leftOut: string[] = [];
  const readings = device.readings.filter((reading) => {
    const why = whyNot(device, reading, seen);
    if (why !== undefined) leftOut.push(`${describe(reading)} ${why}`);
    return why === undefined;
  });
  return { device: { ...device, readings }, problem: toProblem(readings.length, leftOut) };
}

function whyNot(device: Device, reading: Reading, seen: Set<string>): string | undefined {
  const name = toFieldName(reading);
  if (reading.source.type !== device.endpoint.protocol) return `is not read by ${device.endpoint.protocol}`;
  if (!Number.isFinite(reading.scale) || reading.scale === 0) return `has the scale ${reading.scale}`;
  if (!isPlausible(reading.kind, reading.value)) return `says ${reading.value} ${reading.unit}, which cannot be`;
  if (seen.has(name)) return "is there twice";
  seen.add(name);
  return undefined;
}

function toProblem(kept: number, leftOut: readonly string[]): DeviceProblem | null {
  if (kept === 0) {
    const detail = leftOut.length > 0 ? leftOut.slice(0, 5).join("; ") : "the scan found nothing that can be read";
    return { code: "no_readings", detail: `there is nothing to collect: ${detail}` };
  }
  if (leftOut.length === 0) return null;
  return { code: "readings_left_out", detail: `not collected: ${leftOut.slice(0, 10).join("; ")}` };
}

/** `current phase=L1`, for people. */
export function describe(reading: Reading): string {
  const parts = Object.entries(reading.tags).map(([key, value]) => `${key}=${value}`);
  return [reading.field, ...parts].join(" ");
}
