import type { Rule, RuleSeriesState } from "#internal/rule/contract.ts";
import { type Part, part } from "../../components/part.ts";
import type { PageRequest } from "../../page.ts";
import type { PageServices } from "../../services.ts";

export interface RuleData {
  /** Null for a new one. */
  rule: Rule | null;
  /** By thresholds of a value, or by a condition that gives the alarming series itself. */
  kind: "thresholds" | "series";
  states: Part<readonly RuleSeriesState[]>;
  /** The form is open: neither from a file nor beyond the user's role. */
  mayChange: boolean;
}

const shown = 200;
const order = { firing: 0, recovering: 1, pending: 2, no_data: 3, error: 4, normal: 5 } as const;

/** One rule with every series it watches, or the empty form at `/rules/new`. Null when there is none. */
export async function ruleData(request: PageRequest, services: PageServices): Promise<RuleData | null> {
  const id = request.params["id"] ?? "";
  if (id === "new") {
    const kind = request.query["kind"] === "series" ? "series" : "thresholds";
    return { rule: null, kind, states: { ok: true, data: [] }, mayChange: request.may("engineer") };
  }
  const rule = await services.rules.get(id);
  if (rule === undefined) return null;
  const states = await part(() =>
    [...services.rules.states(id)].sort((a, b) => order[a.state] - order[b.state]).slice(0, shown),
  );
  const kind = rule.level === undefined ? "thresholds" : "series";
  return { rule, kind, states, mayChange: rule.source === null && request.may("engineer") };
}
