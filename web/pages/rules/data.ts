import type { Rule } from "#internal/rule/contract.ts";
import type { AlertLevel } from "#pkg/contracts/alerting.ts";
import { type Part, part } from "../../components/part.ts";
import type { PageRequest } from "../../page.ts";
import type { PageServices } from "../../services.ts";

export interface RuleRow extends Pick<Rule, "id" | "name" | "condition" | "source"> {
  comparison: string;
  levels: readonly { level: AlertLevel; threshold: number | null }[];
  enabled: boolean;
  /** How many series it watches, and how many of them are not normal. */
  watched: number;
  firing: number;
}

export interface RulesData {
  rules: Part<readonly RuleRow[]>;
  mayCreate: boolean;
}

/** All rules with what they watch and what they say now. */
export async function rulesData(request: PageRequest, services: PageServices): Promise<RulesData> {
  const rules = await part(async () => (await services.rules.list()).map((rule) => toRow(rule, services)));
  return { rules, mayCreate: request.may("engineer") };
}

function toRow(rule: Rule, services: PageServices): RuleRow {
  const { id, name, condition, source, comparison = "", level, enabled = true } = rule;
  const levels = (["critical", "warning", "info"] as const).flatMap((one): RuleRow["levels"] => {
    const spec = rule.levels?.[one];
    if (spec !== undefined) return [{ level: one, threshold: spec.threshold }];
    return level === one ? [{ level: one, threshold: null }] : [];
  });
  const firing = services.rules
    .states(id)
    .filter((state) => state.state === "firing" || state.state === "recovering").length;
  return { id, name, condition, source, comparison, levels, enabled, watched: services.rules.watched(id), firing };
}
