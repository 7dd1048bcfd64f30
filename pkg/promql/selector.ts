import type { Matcher } from "#pkg/contracts/samples.ts";
import { compileMatcher, PatternError } from "#pkg/matching/port.ts";
import { toNumber, toText } from "./literal.ts";
import { type Node, parseExpression, refuse } from "./syntax.ts";

/** `pdu_current{room="R1"}`: the metric's name is a matcher of `__name__`. */
export interface Selector {
  matchers: Matcher[];
}

export type ComparisonOperator = ">" | ">=" | "<" | "<=" | "==" | "!=";

/** `selector operator number`; a selector alone has null for both. */
export interface SelectorComparison extends Selector {
  comparison: ComparisonOperator | null;
  threshold: number | null;
}

/** Reads a plain instant selector. Throws `AppError("bad_request")` with the place for anything else, also other PromQL. */
export function parseSelector(expression: string): Selector {
  return { matchers: toMatchers(expression, withoutParens(parseExpression(expression))) };
}

/**
 * Reads `selector > 5`, `5 < selector` (turned round) or a selector alone. Throws `AppError("bad_request")` with the
 * place for anything else.
 */
export function parseComparison(expression: string): SelectorComparison {
  const root = withoutParens(parseExpression(expression));
  if (root.name !== "BinaryExpr") return { matchers: toMatchers(expression, root), comparison: null, threshold: null };
  const [left, operator, right, ...rest] = root.children;
  if (!left || !operator || !right) throw refuse(expression, root.from, "the comparison is incomplete", comparisonMend);
  const modifier = [right, ...rest].find((node) => /Modifier|Clause/.test(node.name));
  if (modifier) throw refuse(expression, modifier.from, `"${modifier.text}" cannot stand here`, comparisonMend);
  return compare(expression, left, operator, right);
}

const comparisonMend = "compare one selector with one number, for example pdu_current > 16";
const turned: Record<ComparisonOperator, ComparisonOperator> = {
  ">": "<",
  ">=": "<=",
  "<": ">",
  "<=": ">=",
  "==": "==",
  "!=": "!=",
};

function compare(expression: string, left: Node, operator: Node, right: Node): SelectorComparison {
  const comparison = operator.text;
  if (!isComparison(comparison)) {
    throw refuse(expression, operator.from, `"${comparison}" is not a comparison`, comparisonMend);
  }
  const [after, before] = [toThreshold(right), toThreshold(left)];
  if (after !== undefined && before === undefined) {
    return { matchers: toMatchers(expression, withoutParens(left)), comparison, threshold: after };
  }
  if (before !== undefined && after === undefined) {
    return {
      matchers: toMatchers(expression, withoutParens(right)),
      comparison: turned[comparison],
      threshold: before,
    };
  }
  throw refuse(expression, right.from, "one side must be a selector and the other a number", comparisonMend);
}

function isComparison(text: string): text is ComparisonOperator {
  return text in turned;
}

function toThreshold(node: Node): number | undefined {
  const inner = withoutParens(node);
  if (inner.name === "NumberDurationLiteral") return toNumber(inner.text);
  const [sign, operand] = inner.name === "UnaryExpr" ? inner.children : [];
  const size = operand && toThreshold(operand);
  return size === undefined ? undefined : sign?.text === "-" ? -size : size;
}

/** The node inside all brackets that only bracket. */
export function withoutParens(node: Node): Node {
  const [inner] = node.name === "ParenExpr" ? node.children.filter((child) => child.name !== "LineComment") : [];
  return inner ? withoutParens(inner) : node;
}

/** Matchers of a selector's node. Throws `AppError("bad_request")` when it is more, or would take every series. */
export function toMatchers(expression: string, node: Node): Matcher[] {
  if (node.name !== "VectorSelector") {
    throw refuse(
      expression,
      node.from,
      `"${node.text.slice(0, 40)}" is more than a selector`,
      'only selectors are understood here so far, for example pdu_current{room="R1"}',
    );
  }
  const matchers = node.children.flatMap((child) => readPart(expression, child));
  checkName(expression, node, matchers);
  if (matchers.every((matcher) => compileMatcher(matcher)(""))) {
    throw refuse(
      expression,
      node.from,
      "the selector would take every series",
      "name a metric or one label that must not be empty",
    );
  }
  return matchers;
}

function checkName(expression: string, node: Node, matchers: readonly Matcher[]): void {
  const hasIdentifier = node.children.some((child) => child.name === "Identifier");
  const named = matchers.filter((matcher) => matcher.name === "__name__" && matcher.op === "=");
  if (named.length > 1 && hasIdentifier) {
    throw refuse(
      expression,
      node.from,
      "the metric's name is given twice",
      "keep it in front of the braces or inside, not both",
    );
  }
}

function readPart(expression: string, node: Node): Matcher[] {
  if (node.name === "Identifier") return [{ name: "__name__", op: "=", value: node.text }];
  if (node.name === "LabelMatchers") return node.children.flatMap((child) => readPart(expression, child));
  if (node.name === "QuotedLabelName") {
    return [{ name: "__name__", op: "=", value: readString(expression, node) }];
  }
  if (node.name === "UnquotedLabelMatcher" || node.name === "QuotedLabelMatcher") {
    return [readMatcher(expression, node)];
  }
  return [];
}

function readMatcher(expression: string, node: Node): Matcher {
  const [label, operator, value] = node.children;
  if (!label || !operator || !value)
    throw refuse(expression, node.from, "the matcher is incomplete", 'write label="value"');
  const name = label.name === "LabelName" ? label.text : readString(expression, label);
  // The grammar's MatchOp has exactly these four spellings.
  const matcher: Matcher = { name, op: operator.text as Matcher["op"], value: readString(expression, value) };
  checkPattern(expression, value, matcher);
  return matcher;
}

function checkPattern(expression: string, value: Node, matcher: Matcher): void {
  try {
    compileMatcher(matcher);
  } catch (error) {
    if (!(error instanceof PatternError)) throw error;
    const place = value.from + 1 + error.index;
    throw refuse(
      expression,
      place,
      `the pattern of "${matcher.name}" cannot be used: ${error.message}`,
      "correct the pattern",
    );
  }
}

function readString(expression: string, node: Node): string {
  const text = toText(node.text);
  if (text === undefined) {
    throw refuse(
      expression,
      node.from,
      `${node.text} holds an unknown escape`,
      "write a backslash as \\\\, or use `backquotes`",
    );
  }
  return text;
}
