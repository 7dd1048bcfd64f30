import fc from "fast-check";
import { expect, it } from "vitest";
import { toFingerprint } from "#pkg/contracts/fingerprint.ts";
import type { Plan } from "./plan.ts";
import { createSlotKeys } from "./slot-key.ts";
import { toAlertLabels } from "./words.ts";

const name = fc.oneof(fc.constantFrom("__name__", "severity", "alertname", "alert", "zone"), fc.string());
const labels = fc.dictionary(name, fc.string());

it("names a slot by the fingerprint of its alert's labels, whatever series and rule carry", () => {
  fc.assert(
    fc.property(labels, labels, fc.boolean(), fc.string(), (series, own, hasOwn, ruleName) => {
      // Of a plan only the rule's name and labels are looked at.
      const plan = { rule: { name: ruleName, labels: hasOwn ? own : {} } } as unknown as Plan;
      expect(createSlotKeys(series)(plan)).toBe(toFingerprint(toAlertLabels(plan, series)));
    }),
  );
});
