import { type Cursor, type Expression, literal, PatternError } from "./syntax.ts";

const posix: Record<string, string> = {
  alnum: "0-9A-Za-z",
  alpha: "A-Za-z",
  ascii: "\\x00-\\x7f",
  blank: "\\t ",
  cntrl: "\\x00-\\x1f\\x7f",
  digit: "0-9",
  graph: "!-~",
  lower: "a-z",
  print: " -~",
  punct: "!-\\/:-@\\[-`{-~",
  space: "\\t\\n\\v\\f\\r ",
  upper: "A-Z",
  word: "0-9A-Za-z_",
  xdigit: "0-9A-Fa-f",
};
/** Escapes that mean the same in JavaScript, and RE2's that are ASCII only. */
const sets: Record<string, string> = { d: "0-9", w: "0-9A-Za-z_", s: "\\t\\n\\f\\r " };

/** A class in brackets as a test of one character; JavaScript's own classes do it, on one character they cannot run away. */
export function readClass(cursor: Cursor): (character: string) => boolean {
  const start = cursor.at;
  const rest = cursor.pattern.slice(start);
  const found = /^\[(\^?)(\]?(?:\[:\^?\w+:\]|\\(?:[pP]\{\^?\w+\}|x\{[0-9a-fA-F]+\}|[\s\S])|[^\]\\])*)\]/.exec(rest);
  if (!found) throw new PatternError('a "[" is never closed', start);
  const [text, negation = "", body = ""] = found;
  cursor.at += text.length;
  return toTest(`[${negation}${toClassBody(body, start)}]`, cursor.flags.i, start);
}

function toClassBody(body: string, start: number): string {
  return body.replace(
    /\[:(\^?)(\w+):\]|\\x\{([0-9a-fA-F]+)\}|\\([dwsDWS])|\\[\s\S]|[[\]&~^$.*+?(){}|/]/g,
    (text: string, not?: string, name?: string, hex?: string, set?: string) => {
      if (name !== undefined) return toPosix(name, not ?? "", start);
      if (hex !== undefined) return `\\u{${hex}}`;
      if (set !== undefined) return sets[set] ?? `\\${set}`;
      if (text.length === 2 && /[^a-zA-Z0-9]/.test(text[1] ?? "")) return escapeInClass(text[1] ?? "");
      return text.length === 1 ? escapeInClass(text) : text;
    },
  );
}

function toPosix(name: string, not: string, start: number): string {
  const ranges = posix[name];
  if (ranges === undefined || not) throw new PatternError(`the class [:${not}${name}:] is not known`, start);
  return ranges;
}

function escapeInClass(character: string): string {
  return `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;
}

function toTest(source: string, ignoreCase: boolean, start: number): (character: string) => boolean {
  try {
    const expression = new RegExp(`^${source}$`, ignoreCase ? "sui" : "su");
    return (character) => expression.test(character);
  } catch {
    throw new PatternError(`the class ${source} makes no sense`, start);
  }
}

const controls: Record<string, string> = { a: "\x07", f: "\f", n: "\n", r: "\r", t: "\t", v: "\v" };
const isWord = (character: string | undefined) => character !== undefined && /^\w$/.test(character);

/** What stands behind a backslash. */
export function readEscape(cursor: Cursor): Expression {
  const start = cursor.at;
  const rest = cursor.pattern.slice(start);
  const [text = rest, set, property, hex, place, other] =
    /^\\(?:([dwsDWS])|([pP](?:\{\^?\w+\}|\w))|x(?:\{([0-9a-fA-F]{1,6})\}|[0-9a-fA-F]{2})|([AzbB])|([\s\S]))/u.exec(
      rest,
    ) ?? [];
  cursor.at += text.length;
  const { i } = cursor.flags;
  if (set) return { type: "character", fits: toTest(toSet(set), i, start) };
  if (property) return { type: "character", fits: toTest(toProperty(property), i, start) };
  if (place) return toPlace(place);
  if (text.startsWith("\\x") && text.length > 2) return literal(toCharacter(hex ?? text.slice(2), start), i);
  if (other !== undefined && /[^a-zA-Z0-9]/.test(other)) return literal(other, i);
  const control = controls[other ?? ""];
  if (control === undefined) throw new PatternError(`the escape "${text}" is not known`, start);
  return literal(control, i);
}

function toSet(letter: string): string {
  const ranges = sets[letter.toLowerCase()] ?? "";
  return letter === letter.toLowerCase() ? `[${ranges}]` : `[^${ranges}]`;
}

function toProperty(text: string): string {
  const name = text.slice(1).replace(/[{}^]/g, "");
  const isNegated = (text[0] === "P") !== text.includes("^");
  const letter = isNegated ? "P" : "p";
  return name.length <= 2 ? `\\${letter}{${name}}` : `\\${letter}{Script=${name}}`;
}

function toCharacter(hex: string, start: number): string {
  const point = Number.parseInt(hex, 16);
  if (point > 0x10ffff) throw new PatternError(`there is no character ${hex}`, start);
  return String.fromCodePoint(point);
}

function toPlace(letter: string): Expression {
  if (letter === "A") return { type: "place", fits: (before) => before === undefined };
  if (letter === "z") return { type: "place", fits: (_before, after) => after === undefined };
  return { type: "place", fits: (before, after) => (isWord(before) !== isWord(after)) === (letter === "b") };
}
