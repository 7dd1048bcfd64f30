import { type AlertLevel, alertLevels } from "#pkg/contracts/alerting.ts";
import type { Matcher } from "#pkg/contracts/samples.ts";
import type { Comparison, Rule } from "./contract.ts";
import type { Bound } from "./interval.ts";

/** One level as the judge uses it. Durations in ms of sample time. */
export interface LevelPlan {
  threshold: Bound;
  reset: Bound;
  forMs: number;
  keepFiringForMs: number;
}

/** A rule compiled. `levels` stands in the order of `alertLevels`, null where the rule has none. */
export interface Plan {
  rule: Rule;
  matchers: readonly Matcher[];
  /** Name of the one metric it looks at; undefined when its matchers leave that open. */
  metric: string | undefined;
  comparison: Comparison;
  levels: readonly (LevelPlan | null)[];
  noData: "ok" | "alert" | "keep";
  noDataLevel: AlertLevel;
  /** Undefined: three times the series' own pace, at least a minute. */
  noDataAfterMs: number | undefined;
}

/** Index of the highest level that the rule has. */
export function highestLevel(levels: Plan["levels"]): AlertLevel {
  return alertLevels[levels.findLastIndex((level) => level !== null)] ?? "critical";
}
