import { alertLevels, type Judgement } from "#pkg/contracts/alerting.ts";
import { toDurationText } from "./duration-text.ts";
import type { Plan } from "./plan.ts";
import type { Said } from "./slot-table.ts";
import { expandTemplate, formatValue } from "./template.ts";

/** Why an alert ends whose rule is now about other things. */
export const ruleChanged = "the rule was changed and no longer speaks of this";

/** The alert's labels: the series' without its name, then the rule's, then `alertname`. */
export function toAlertLabels(
  plan: Plan,
  seriesLabels: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  const { __name__: _, ...labels } = seriesLabels;
  return { ...labels, ...plan.rule.labels, alertname: plan.rule.name };
}

/** The judgement as it goes to the alerts, with its annotations filled in. */
export function toJudgement(
  plan: Plan,
  labels: Readonly<Record<string, string>>,
  said: Said,
  moment: { atMs: number; value: number | null; reason: string },
): Judgement {
  const annotations = Object.entries(plan.rule.annotations ?? {}).map(([name, text]) => [
    name,
    expandTemplate(text, labels, moment.value),
  ]);
  return {
    ruleId: plan.rule.id,
    ruleName: plan.rule.name,
    labels,
    annotations: Object.fromEntries(annotations),
    ...said,
    ...moment,
  };
}

/** Why the slot says what it says, for people. */
export function toReason(plan: Plan, said: Said, before: Said, value: number): string {
  const now = formatValue(value);
  const level = plan.levels[alertLevels.indexOf(said.level ?? before.level ?? "info")];
  if (!level) return now;
  if (!Number.isFinite(level.threshold.at)) return `${plan.rule.condition} has a value (${now})`;
  if (said.state === "firing") {
    const delay = level.forMs > 0 ? `, for longer than ${toDurationText(level.forMs)}` : "";
    return `${now} ${plan.comparison} ${level.threshold.at} (${said.level})${delay}`;
  }
  const back = `${now} is no longer ${plan.comparison} ${level.reset.at}`;
  return said.state === "recovering"
    ? `${back}; ends if it stays so for ${toDurationText(level.keepFiringForMs)}`
    : back;
}
