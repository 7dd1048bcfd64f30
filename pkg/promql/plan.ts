import type { Matcher } from "#pkg/contracts/samples.ts";
import { toNumber, toText } from "./literal.ts";
import { toMatchers, withoutParens } from "./selector.ts";
import { type Node, parseExpression, refuse } from "./syntax.ts";

/** What becomes of a series' samples within the window. */
export type PlanOverTime = "min" | "max" | "mean" | "sum" | "count" | "last";
/** What becomes of the series that share a group's labels. */
export type PlanAcross = Exclude<PlanOverTime, "last">;

/** Labels that groups are told apart by: those named, or all but those named and the name. */
export interface Grouping {
  kind: "by" | "without";
  labels: readonly string[];
}

/** `across by (labels) (over_time(selector[window]))`, each layer optional. */
export interface AggregatePlan {
  matchers: readonly Matcher[];
  over: PlanOverTime;
  windowMs: number;
  /** Undefined: each series for itself. */
  across: PlanAcross | undefined;
  grouping: Grouping;
  /** Whether series keep their name: as a plain selector and `last_over_time` do. */
  keepsName: boolean;
}

/** A plain selector looks so far back. */
export const lookbackMs = 5 * 60_000;

const overTimes: Readonly<Record<string, PlanOverTime>> = {
  avg_over_time: "mean",
  min_over_time: "min",
  max_over_time: "max",
  sum_over_time: "sum",
  count_over_time: "count",
  last_over_time: "last",
};
const acrosses: Readonly<Record<string, PlanAcross>> = {
  avg: "mean",
  min: "min",
  max: "max",
  sum: "sum",
  count: "count",
};
const mend = "write for example avg by (room) (avg_over_time(pdu_power[1m]))";

/**
 * Reads a selector, `avg_over_time(selector[1m])` and its likes, and `avg by (…) (…)` of either. Throws
 * `AppError("bad_request")` with the place for other PromQL.
 */
export function parseAggregatePlan(expression: string): AggregatePlan {
  const root = withoutParens(parseExpression(expression));
  if (root.name !== "AggregateExpr") return readOver(expression, root);
  const operator = partOf(root, "AggregateOp")?.text ?? "";
  const across = acrosses[operator.toLowerCase()];
  const [argument, ...rest] = partOf(root, "FunctionCallBody")?.children ?? [];
  if (!across || !argument || rest.length > 0) {
    throw refuse(expression, root.from, `"${operator}" of this form is not understood here`, mend);
  }
  return { ...readOver(expression, withoutParens(argument)), across, grouping: readGrouping(expression, root) };
}

function readOver(expression: string, node: Node): AggregatePlan {
  const plain = { across: undefined, grouping: { kind: "without", labels: [] } } as const;
  if (node.name !== "FunctionCall") {
    return { ...plain, matchers: toMatchers(expression, node), over: "last", windowMs: lookbackMs, keepsName: true };
  }
  const name = partOf(node, "FunctionIdentifier")?.text ?? "";
  const over = overTimes[name];
  const [argument, ...rest] = partOf(node, "FunctionCallBody")?.children ?? [];
  if (!over || !argument || rest.length > 0) {
    throw refuse(expression, node.from, `"${name}" is not understood here`, mend);
  }
  return { ...plain, ...readWindow(expression, withoutParens(argument)), over, keepsName: over === "last" };
}

function readWindow(expression: string, node: Node): { matchers: Matcher[]; windowMs: number } {
  const [selector, duration] = node.name === "MatrixSelector" ? node.children : [];
  const seconds = duration && toNumber(duration.text);
  if (!selector || !duration || seconds === undefined) {
    throw refuse(expression, node.from, `"${node.text.slice(0, 40)}" is no selector with a window`, mend);
  }
  if (!(seconds > 0)) throw refuse(expression, duration.from, "the window must be longer than nothing", mend);
  return { matchers: toMatchers(expression, selector), windowMs: Math.round(seconds * 1000) };
}

function readGrouping(expression: string, node: Node): Grouping {
  const modifier = partOf(node, "AggregateModifier");
  if (!modifier) return { kind: "by", labels: [] };
  const labels = partOf(modifier, "GroupingLabels")?.children.filter(({ name }) => name.endsWith("LabelName")) ?? [];
  return {
    kind: partOf(modifier, "Without") ? "without" : "by",
    labels: labels.map((label) => {
      const text = label.name === "LabelName" ? label.text : toText(label.text);
      if (text === undefined) throw refuse(expression, label.from, `${label.text} holds an unknown escape`, mend);
      return text;
    }),
  };
}

function partOf(node: Node, name: string): Node | undefined {
  return node.children.find((child) => child.name === name);
}
