import type { Device } from "#internal/inventory/contract.ts";
import type { DeviceProblem, Reading } from "#pkg/contracts/reading.ts";
import { cleanTagKey, cleanTagValue } from "../render/fieldname.ts";
import { toTags } from "../render/tags.ts";
import { describe, isPlausible } from "./plausible.ts";
import { escapeName, type PrintedPoint } from "./points.ts";

/** Beyond this factor between scan and test, the scale of a reading is doubted … */
const doubtfulFactor = 8;
/** … when it is so for most of at least this many readings: single values may really jump. */
const comparedAtLeast = 3;

/** Readings of which Telegraf printed no point. */
export function missingReadings(device: Device, points: readonly PrintedPoint[]): Reading[] {
  const printed = toValues(points);
  return device.readings.filter((reading) => !printed.has(seriesOf(device, reading)));
}

/** What Telegraf printed, compared field by field with what the scan saw; null when it fits. */
export function compareReadings(device: Device, points: readonly PrintedPoint[]): DeviceProblem | null {
  const missing = missingReadings(device, points);
  if (missing.length === device.readings.length) return { code: "no_answer", detail: "Telegraf got no point from it" };
  if (missing.length > 0) {
    const names = missing.slice(0, 10).map(describe).join(", ");
    return { code: "fields_missing", detail: `Telegraf got no value for ${missing.length} of its fields: ${names}` };
  }
  const printed = toValues(points);
  const pairs = device.readings.map((reading) => ({
    reading,
    value: printed.get(seriesOf(device, reading)) ?? Number.NaN,
  }));
  return implausible(pairs) ?? scaled(pairs);
}

type Pair = { reading: Reading; value: number };

function implausible(pairs: readonly Pair[]): DeviceProblem | null {
  const wrong = pairs.filter(({ reading, value }) => !isPlausible(reading.kind, value));
  if (wrong.length === 0) return null;
  const names = wrong.slice(0, 5).map(({ reading, value }) => `${describe(reading)} is ${value} ${reading.unit}`);
  return { code: "implausible", detail: `Telegraf reads what cannot be: ${names.join(", ")}` };
}

function scaled(pairs: readonly Pair[]): DeviceProblem | null {
  const compared = pairs.filter(
    ({ reading, value }) => reading.kind !== "state" && reading.kind !== "count" && reading.value * value !== 0,
  );
  const doubtful = compared.filter(({ reading, value }) => {
    const ratio = Math.abs(value / reading.value);
    return ratio >= doubtfulFactor || ratio <= 1 / doubtfulFactor;
  });
  const [first] = doubtful;
  if (first === undefined || compared.length < comparedAtLeast || doubtful.length * 2 <= compared.length) return null;
  const { reading, value } = first;
  const detail = `${describe(reading)} was ${reading.value} ${reading.unit} in the scan and is ${value} by Telegraf`;
  return { code: "values_differ", detail: `Telegraf and the scan disagree, the scale seems wrong: ${detail}` };
}

function toValues(points: readonly PrintedPoint[]): Map<string, number> {
  return new Map(
    points.flatMap(({ tags, fields }) =>
      [...fields].map(([field, value]) => [`${tags.join(",")} ${field}`, value] as const),
    ),
  );
}

/** How a reading's point is printed: all its tags, sorted, and the field. */
function seriesOf(device: Device, reading: Reading): string {
  const parts = Object.entries(reading.tags)
    .map(([key, value]) => [cleanTagKey(key), cleanTagValue(value)] as const)
    .filter(([, value]) => value !== "");
  const tags = { ...toTags(device), ...Object.fromEntries(parts) };
  const pairs = Object.entries(tags).map(([key, value]) => `${escapeName(key)}=${escapeName(String(value))}`);
  return `${pairs.sort().join(",")} ${escapeName(reading.field)}`;
}
