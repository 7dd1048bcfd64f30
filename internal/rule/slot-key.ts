import { toFingerprint, toFingerprintOf } from "#pkg/contracts/fingerprint.ts";
import type { Plan } from "./plan.ts";
import { toAlertLabels } from "./words.ts";

/**
 * Fingerprints of what the rules would say of a series: `toFingerprint` of `toAlertLabels`. A series may be new to a
 * hundred rules at once, so its labels are put in order and written only once.
 */
export function createSlotKeys(seriesLabels: Readonly<Record<string, string>>): (plan: Plan) => string {
  const names = Object.keys(seriesLabels).sort();
  const write = (wanted: (name: string) => boolean) =>
    names
      .filter((name) => name !== "__name__" && name !== "severity" && wanted(name))
      .map((name) => JSON.stringify([name, seriesLabels[name]]));
  const before = write((name) => name < "alertname")
    .map((pair) => `${pair},`)
    .join("");
  const behind = write((name) => name > "alertname")
    .map((pair) => `,${pair}`)
    .join("");
  return (plan) => {
    if (Object.keys(plan.rule.labels ?? {}).length > 0) return toFingerprint(toAlertLabels(plan, seriesLabels));
    return toFingerprintOf(`[${before}${JSON.stringify(["alertname", plan.rule.name])}${behind}]`);
  };
}
