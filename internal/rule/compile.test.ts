import { describe, expect, it } from "vitest";
import { AppError } from "#pkg/errors/errors.ts";
import { compileRule } from "./compile.ts";
import type { RuleSpec } from "./contract.ts";
import { toBound } from "./interval.ts";

const compile = (spec: Partial<RuleSpec>) =>
  compileRule({ name: "A", condition: "pdu_current", id: "r", source: null, createdAt: 0, updatedAt: 0, ...spec });
const refusal = (spec: Partial<RuleSpec>): [at: string | undefined, message: string] => {
  try {
    compile(spec);
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    expect(error.code).toBe("unprocessable");
    expect(error.mend).toBeTruthy();
    return [error.at, error.detail];
  }
  throw new Error("was not refused");
};
const above = (levels: RuleSpec["levels"] & object): Partial<RuleSpec> => ({ comparison: ">", levels });

describe("a rule compiled", () => {
  it("takes both forms to the same plan", () => {
    const form = compile({ comparison: ">", levels: { critical: { threshold: 16 } }, forMs: 5000 });
    const text = compile({ condition: "pdu_current > 16", level: "critical", forMs: 5000 });
    const turned = compile({ condition: "16 < pdu_current", level: "critical", forMs: 5000 });
    expect(form.levels).toEqual([
      null,
      null,
      { threshold: toBound(16), reset: toBound(16), forMs: 5000, keepFiringForMs: 0 },
    ]);
    expect([text.levels, text.comparison]).toEqual([form.levels, form.comparison]);
    expect([turned.levels, turned.comparison]).toEqual([form.levels, form.comparison]);
    expect(form.metric).toBe("pdu_current");
  });

  it("takes the delays of a level before those of the rule", () => {
    const plan = compile({ ...above({ info: { threshold: 1 }, warning: { threshold: 2, forMs: 0 } }), forMs: 9 });
    expect(plan.levels.map((level) => level?.forMs)).toEqual([9, 0, undefined]);
  });

  it("lets a selector alone alert as long as there is a value", () => {
    expect(compile({ level: "info" })).toMatchObject({
      comparison: ">=",
      levels: [{ threshold: { at: -Infinity } }, null, null],
    });
  });

  it.each<[string, Partial<RuleSpec>, string, string]>([
    ["no name", { name: " ", level: "info" }, "/name", "no name"],
    ["PromQL that is not understood yet", { condition: "rate(a[5m]) > 1", level: "info" }, "/condition", ""],
    ["broken PromQL", { condition: "a{", level: "info" }, "/condition", ""],
    ["no level at all", {}, "/level", "no level"],
    ["a comparison without levels", { comparison: ">" }, "/levels", "needs levels"],
    ["levels without a comparison", { levels: { info: { threshold: 1 } } }, "/comparison", "how to compare"],
    [
      "levels and a condition that compares",
      { condition: "a > 1", ...above({ info: { threshold: 1 } }) },
      "/condition",
      "and so do the levels",
    ],
    ["empty levels", above({}), "/levels", "no level"],
    [
      "thresholds in the wrong order",
      above({ warning: { threshold: 16 }, critical: { threshold: 12 } }),
      "/levels/critical/threshold",
      "reached before",
    ],
    [
      "equal thresholds",
      above({ warning: { threshold: 16 }, critical: { threshold: 16 } }),
      "/levels/critical/threshold",
      "reached before",
    ],
    [
      "order below",
      { comparison: "<", levels: { warning: { threshold: 1 }, critical: { threshold: 2 } } },
      "/levels/critical/threshold",
      "reached before",
    ],
    [
      "one value for two levels",
      { comparison: "==", levels: { info: { threshold: 1 }, critical: { threshold: 1 } } },
      "/levels/critical/threshold",
      "both 1",
    ],
    [
      "a reset beyond the threshold",
      above({ warning: { threshold: 12, reset: 13 } }),
      "/levels/warning/reset",
      "lies beyond",
    ],
    [
      "a reset beyond, downwards",
      { comparison: "<=", levels: { info: { threshold: 5, reset: 4 } } },
      "/levels/info/reset",
      "lies beyond",
    ],
    [
      "a reset of an equality",
      { comparison: "==", levels: { info: { threshold: 5, reset: 4 } } },
      "/levels/info/reset",
      "no side",
    ],
    [
      "a threshold that is no number",
      above({ info: { threshold: Number.NaN } }),
      "/levels/info/threshold",
      "no number",
    ],
    ["a delay of a year", { level: "info", forMs: 365 * 86_400_000 }, "/for", "longer than 30 days"],
    [
      "a delay of a year in a level",
      above({ info: { threshold: 1, keepFiringForMs: 1e12 } }),
      "/levels/info/keep_firing_for",
      "longer",
    ],
    [
      "a label of the alert's own",
      { level: "info", labels: { severity: "x" } },
      "/labels/severity",
      "set by the alert",
    ],
    ["a label that is no name", { level: "info", labels: { "a-b": "x" } }, "/labels/a-b", "no label name"],
  ])("refuses %s", (_, spec, at, message) => {
    const [place, detail] = refusal(spec);
    expect(place).toBe(at);
    expect(detail).toContain(message);
  });
});
