import { type Expression, PatternError } from "./syntax.ts";

/** One step of a pattern; numbers are where it goes on. */
export type Step =
  | { type: "character"; fits: (character: string) => boolean; next: number }
  | { type: "place"; fits: (before: string | undefined, after: string | undefined) => boolean; next: number }
  | { type: "fork"; next: number; other: number }
  | { type: "end" };

const mostSteps = 5000;

/** Steps of the expression; it starts at the last one. Throws `PatternError` when there would be too many. */
export function compileProgram(expression: Expression): Step[] {
  const steps: Step[] = [{ type: "end" }];
  const start = append(steps, expression, 0);
  push(steps, { type: "fork", next: start, other: start });
  return steps;
}

function push(steps: Step[], step: Step): number {
  if (steps.length >= mostSteps) throw new PatternError("it is too large; take fewer or smaller repetitions", 0);
  return steps.push(step) - 1;
}

/** Appends what leads to `next`; returns where it begins. */
function append(steps: Step[], expression: Expression, next: number): number {
  switch (expression.type) {
    case "character":
    case "place":
      return push(steps, { ...expression, next });
    case "sequence":
      return expression.parts.reduceRight((after, part) => append(steps, part, after), next);
    case "either":
      return expression.options
        .map((option) => append(steps, option, next))
        .reduce((other, start) => push(steps, { type: "fork", next: other, other: start }));
    case "repeat":
      return appendRepeat(steps, expression, next);
  }
}

function appendRepeat(steps: Step[], { part, least, most }: Expression & { type: "repeat" }, next: number): number {
  let start = next;
  if (most === Number.POSITIVE_INFINITY) {
    const fork: Step & { type: "fork" } = { type: "fork", next, other: next };
    start = push(steps, fork);
    fork.other = append(steps, part, start);
  } else {
    for (let i = least; i < most; i++) start = push(steps, { type: "fork", next, other: append(steps, part, start) });
  }
  for (let i = 0; i < least; i++) start = append(steps, part, start);
  return start;
}

/** Whether the whole text fits: follows all ways at once, so each character costs at most one visit a step. */
export function runProgram(steps: readonly Step[], text: string): boolean {
  let current: number[] = [];
  const visited = new Int32Array(steps.length).fill(-1);
  const characters = [...text];
  const enter = (list: number[], first: number, at: number) => {
    const waiting = [first];
    for (let index = waiting.pop(); index !== undefined; index = waiting.pop()) {
      const step = steps[index];
      if (!step || visited[index] === at) continue;
      visited[index] = at;
      if (step.type === "fork") waiting.push(step.other, step.next);
      else if (step.type !== "place") list.push(index);
      else if (step.fits(characters[at - 1], characters[at])) waiting.push(step.next);
    }
  };
  enter(current, steps.length - 1, 0);
  for (let at = 0; at < characters.length && current.length > 0; at++) {
    const following: number[] = [];
    for (const index of current) {
      const step = steps[index];
      if (step?.type === "character" && step.fits(characters[at] ?? "")) enter(following, step.next, at + 1);
    }
    current = following;
  }
  return current.some((index) => steps[index]?.type === "end");
}
