import fc from "fast-check";
import { expect, it } from "vitest";
import { toFingerprint } from "#pkg/contracts/fingerprint.ts";
import type { SeriesInfo } from "#pkg/contracts/samples.ts";
import { createMemoryStore } from "#test/integration/judging-memory-store.ts";
import { createLabelSets } from "./label-sets.ts";
import type { Plan } from "./plan.ts";
import { createSeriesTable } from "./series-table.ts";
import { toAlertLabels } from "./words.ts";

const name = fc.oneof(fc.constantFrom("__name__", "severity", "alertname", "alert", "zone"), fc.string());
const labels = fc.dictionary(name, fc.constantFrom("", "a", "b", '"'), { maxKeys: 4 });
// What `checkSpec` takes as the labels of a rule.
const ownLabels = fc.dictionary(fc.constantFrom("alert", "zone"), fc.constantFrom("a", "c"));

/** Label sets over series of these labels, by place. */
function createSets(series: readonly Record<string, string>[], kind: SeriesInfo["kind"] = "float") {
  const { catalogue } = createMemoryStore().port;
  const described = (id: number) => ({ id, measurement: "", tags: [], field: "", kind, labels: series[id] ?? {} });
  return createLabelSets(createSeriesTable(), { catalogue: { ...catalogue, describe: described } });
}

it("tells the alerts of a rule apart as their fingerprints do, whatever series and rule carry", () => {
  fc.assert(
    fc.property(fc.array(labels, { minLength: 2, maxLength: 6 }), ownLabels, (series, own) => {
      // Of a plan only the rule's name and labels are looked at.
      const plan = { rule: { name: "R", labels: own } } as unknown as Plan;
      const sets = createSets(series);
      const alerts = series.map((one) => toAlertLabels(plan, one));
      for (const [id, alert] of alerts.entries()) {
        expect(sets.of(alert, plan)).toBe(sets.ofSeries(id, plan));
        const same = alerts.map((other) => toFingerprint(other) === toFingerprint(alert));
        expect(alerts.map((_, other) => sets.ofSeries(other, plan) === sets.ofSeries(id, plan))).toEqual(same);
      }
    }),
  );
});

it("makes one set for all rules, whatever labels these have, unless they overrule those of the series", () => {
  const planOf = (own?: Record<string, string>) => ({ rule: { name: "R", labels: own } }) as unknown as Plan;
  const sets = createSets([{ zone: "a" }]);
  const setsOf = [undefined, { team: "a" }, { team: "b" }, { zone: "c" }, { zone: "d" }].map((own) =>
    sets.ofSeries(0, planOf(own)),
  );
  expect(setsOf).toEqual([1, 1, 1, 2, 2]);
});

it("knows no set of a text series", () => {
  const plan = { rule: { name: "R" } } as unknown as Plan;
  expect(createSets([{ zone: "a" }], "string").ofSeries(0, plan)).toBeUndefined();
});
