import type { SyntaxNode } from "@lezer/common";
import { parser } from "@prometheus-io/lezer-promql";
import { AppError } from "#pkg/errors/errors.ts";

/** One node of a parsed expression, with the text it stands for. */
export interface Node {
  name: string;
  text: string;
  /** Offset in the expression, from 0. */
  from: number;
  children: readonly Node[];
}

/** Parses one expression. Throws `AppError("bad_request")` with line and column of what is no PromQL. */
export function parseExpression(expression: string): Node {
  const top = toNode(parser.parse(expression).topNode, expression);
  const broken = findBroken(top);
  if (broken) {
    throw refuse(expression, broken.from, `${near(expression, broken)} is not expected here`, "correct the expression");
  }
  const [root] = top.children.filter((child) => child.name !== "LineComment");
  if (!root)
    throw refuse(expression, 0, "there is no expression", 'write a selector, for example pdu_current{room="R1"}');
  return root;
}

/** An error that names the place in the expression as `expression:line:column`, both from 1. */
export function refuse(expression: string, offset: number, message: string, mend: string): AppError {
  const before = expression.slice(0, offset).split("\n");
  const column = (before.at(-1)?.length ?? 0) + 1;
  return new AppError("bad_request", { at: `expression:${before.length}:${column}`, message, mend });
}

function toNode(node: SyntaxNode, expression: string): Node {
  const children: Node[] = [];
  for (let child = node.firstChild; child; child = child.nextSibling) children.push(toNode(child, expression));
  const name = node.type.isError ? "error" : node.name;
  return { name, text: expression.slice(node.from, node.to), from: node.from, children };
}

function findBroken(node: Node): Node | undefined {
  if (node.name === "error") return node;
  for (const child of node.children) {
    const broken = findBroken(child);
    if (broken) return broken;
  }
  return undefined;
}

function near(expression: string, broken: Node): string {
  const rest = (broken.text || expression.slice(broken.from)).trim().slice(0, 20);
  return rest === "" ? "the end" : `"${rest}"`;
}
