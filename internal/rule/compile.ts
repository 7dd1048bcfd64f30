import { type AlertLevel, alertLevels } from "#pkg/contracts/alerting.ts";
import type { Matcher } from "#pkg/contracts/samples.ts";
import { AppError } from "#pkg/errors/errors.ts";
import { parseComparison, type SelectorComparison } from "#pkg/promql/selector.ts";
import { checkSpec, refuse } from "./check.ts";
import type { Comparison, LevelSpec, Rule, RuleSpec } from "./contract.ts";
import { toBound } from "./interval.ts";
import { highestLevel, type LevelPlan, type Plan } from "./plan.ts";

/** Compiles a rule. Throws `AppError("unprocessable")` that names the field and the mend. */
export function compileRule(rule: Rule): Plan {
  const condition = parseCondition(rule.condition);
  const { comparison, levels } = toLevels(rule, condition);
  checkSpec(rule, comparison, levels);
  const plans = alertLevels.map((level) => toLevelPlan(rule, levels[level]));
  return {
    rule,
    matchers: condition.matchers,
    metric: metricOf(condition.matchers),
    comparison,
    levels: plans,
    noData: rule.noData ?? "ok",
    noDataLevel: rule.level ?? highestLevel(plans),
    noDataAfterMs: rule.noDataAfterMs,
  };
}

function parseCondition(condition: string): SelectorComparison {
  try {
    return parseComparison(condition);
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    throw refuse("/condition", error.detail, error.mend ?? "compare one selector with one number", error);
  }
}

type Levels = Partial<Record<AlertLevel, LevelSpec>>;

/** Both forms of a rule as the second one: a value, a comparison and levels. */
function toLevels(spec: RuleSpec, condition: SelectorComparison): { comparison: Comparison; levels: Levels } {
  if (spec.levels !== undefined) return fromForm(spec, spec.levels, condition);
  if (spec.comparison !== undefined) {
    throw refuse(
      "/levels",
      '"comparison" needs levels to compare with',
      'add levels, for example {"warning":{"threshold":12}}',
    );
  }
  if (spec.level === undefined) {
    throw refuse("/level", "the rule has no level", 'add "level", or "comparison" with "levels" and their thresholds');
  }
  if (condition.comparison === null || condition.threshold === null) {
    // A selector alone returns a series whenever it has a value: it alerts as long as there is one.
    return { comparison: ">=", levels: { [spec.level]: { threshold: Number.NEGATIVE_INFINITY } } };
  }
  return { comparison: condition.comparison, levels: { [spec.level]: { threshold: condition.threshold } } };
}

function fromForm(spec: RuleSpec, levels: Levels, condition: SelectorComparison) {
  if (condition.comparison !== null) {
    throw refuse(
      "/condition",
      "the condition compares, and so do the levels",
      `leave "${condition.comparison} ${condition.threshold}" out of the condition, or give "level" instead of "levels"`,
    );
  }
  if (spec.comparison === undefined) {
    throw refuse("/comparison", "levels need to know how to compare", 'add "comparison", one of >, >=, <, <=, ==, !=');
  }
  return { comparison: spec.comparison, levels };
}

function toLevelPlan(rule: RuleSpec, level: LevelSpec | undefined): LevelPlan | null {
  if (level === undefined) return null;
  return {
    threshold: toBound(level.threshold),
    reset: toBound(level.reset ?? level.threshold),
    forMs: level.forMs ?? rule.forMs ?? 0,
    keepFiringForMs: level.keepFiringForMs ?? rule.keepFiringForMs ?? 0,
  };
}

function metricOf(matchers: readonly Matcher[]): string | undefined {
  return matchers.find((matcher) => matcher.name === "__name__" && matcher.op === "=")?.value;
}
