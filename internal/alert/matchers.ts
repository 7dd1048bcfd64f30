import type { Matcher } from "#pkg/contracts/samples.ts";
import { AppError } from "#pkg/errors/errors.ts";

/** Longest text of one matcher. */
const maxLength = 1000;

/**
 * Reads a matcher as Alertmanager writes it: `room="R1"`, `device=~"10\\.1\\..*"`, `severity!=info`; the quotes may be
 * left out. Throws `AppError("unprocessable")` naming the place and the mend.
 */
export function parseMatcher(text: string, pointer = "/matchers"): Matcher {
  const parts = /^\s*([a-zA-Z_][a-zA-Z0-9_]*)\s*(=~|!~|!=|=)\s*(.*?)\s*$/s.exec(text.slice(0, maxLength));
  const [, name, op, raw] = parts ?? [];
  if (name === undefined || op === undefined || raw === undefined || text.length > maxLength) {
    throw refuse(pointer, `${JSON.stringify(text.slice(0, 80))} is no matcher`);
  }
  // The expression above lets only these four through.
  return { name, op: op as Matcher["op"], value: readValue(raw, pointer) };
}

/** The matcher as people write it; `parseMatcher` reads it back. */
export function formatMatcher({ name, op, value }: Matcher): string {
  return `${name}${op}"${value.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n")}"`;
}

function readValue(raw: string, pointer: string): string {
  if (!raw.startsWith('"')) {
    if (raw.includes('"')) throw refuse(pointer, `the value ${raw} has a quote inside but none in front`);
    return raw;
  }
  const inner = /^"((?:[^"\\]|\\.)*)"$/s.exec(raw)?.[1];
  if (inner === undefined) throw refuse(pointer, `the value ${raw} has no closing quote, or text after it`);
  // As Alertmanager: `\\`, `\"` and `\n`; any other backslash stays one, so that patterns need no doubling.
  return inner.replace(/\\(["\\n])/g, (_, letter: string) => (letter === "n" ? "\n" : letter));
}

function refuse(pointer: string, message: string): AppError {
  const mend = 'write name, operator (=, !=, =~, !~) and value, for example room="R1"';
  return new AppError("unprocessable", {
    at: pointer,
    message,
    mend,
    fields: [{ pointer, detail: `${message}: ${mend}` }],
  });
}
