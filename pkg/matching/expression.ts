import { readClass, readEscape } from "./characters.ts";
import { type Cursor, type Expression, literal, PatternError } from "./syntax.ts";

const mostRepeats = 1000;
const mostNesting = 100;

/** Reads RE2's syntax as far as it says what matches, not what is captured. Throws `PatternError`. */
export function readExpression(pattern: string): Expression {
  const cursor: Cursor = { pattern, at: 0, flags: { i: false, s: true } };
  const expression = readEither(cursor, 0);
  if (cursor.at < pattern.length) throw new PatternError('there is a ")" too many', cursor.at);
  return expression;
}

function readEither(cursor: Cursor, depth: number): Expression {
  if (depth > mostNesting) throw new PatternError("it is nested too deeply", cursor.at);
  const flags = { ...cursor.flags };
  const options = [readSequence(cursor, depth)];
  while (cursor.pattern[cursor.at] === "|") {
    cursor.at++;
    options.push(readSequence(cursor, depth));
  }
  cursor.flags = flags;
  return options.length === 1 && options[0] ? options[0] : { type: "either", options };
}

function readSequence(cursor: Cursor, depth: number): Expression {
  const parts: Expression[] = [];
  while (cursor.at < cursor.pattern.length && !"|)".includes(cursor.pattern[cursor.at] ?? "")) {
    parts.push(readRepeats(cursor, readAtom(cursor, depth)));
  }
  return { type: "sequence", parts };
}

function readRepeats(cursor: Cursor, atom: Expression): Expression {
  const found = /^(?:([*+?])|\{(\d+)(,?)(\d*)\})\??/.exec(cursor.pattern.slice(cursor.at));
  if (!found) return atom;
  const [text, sign, from, comma, to] = found;
  const least = sign ? (sign === "+" ? 1 : 0) : Number(from);
  const most = sign
    ? sign === "?"
      ? 1
      : Number.POSITIVE_INFINITY
    : comma
      ? Number(to || Number.POSITIVE_INFINITY)
      : least;
  if (least > most || least > mostRepeats || (Number.isFinite(most) && most > mostRepeats)) {
    throw new PatternError(`"${text}" is no repetition (at most ${mostRepeats} times)`, cursor.at);
  }
  cursor.at += text.length;
  if (/[*+?]/.test(cursor.pattern[cursor.at] ?? "")) {
    throw new PatternError("a repetition cannot be repeated without brackets", cursor.at);
  }
  return { type: "repeat", part: atom, least, most };
}

function readAtom(cursor: Cursor, depth: number): Expression {
  const start = cursor.at;
  const character = String.fromCodePoint(cursor.pattern.codePointAt(start) ?? 0);
  const { i, s } = cursor.flags;
  if (character === "[") return { type: "character", fits: readClass(cursor) };
  if (character === "\\") return readEscape(cursor);
  if (character === "(") return readGroup(cursor, depth);
  if ("*+?".includes(character)) throw new PatternError(`there is nothing that "${character}" could repeat`, start);
  cursor.at += character.length;
  if (character === ".") return { type: "character", fits: (given) => s || given !== "\n" };
  if (character === "^") return { type: "place", fits: (before) => before === undefined };
  if (character === "$") return { type: "place", fits: (_before, after) => after === undefined };
  return literal(character, i);
}

function readGroup(cursor: Cursor, depth: number): Expression {
  const start = cursor.at;
  const opening = /^\((?:\?(?:P?<\w+>|([a-zA-Z]*)(?:-([a-zA-Z]+))?([:)])))?/.exec(cursor.pattern.slice(start)) ?? ["("];
  const [text, on = "", off = "", end] = opening;
  if (cursor.pattern[start + 1] === "?" && text === "(")
    throw new PatternError("this kind of group is not known", start);
  if (!/^[isU]*$/.test(on + off)) throw new PatternError(`the flags "${on}${off && `-${off}`}" are not known`, start);
  const outer = { ...cursor.flags };
  const has = (flag: "i" | "s") => (on.includes(flag) || outer[flag]) && !off.includes(flag);
  cursor.flags = { i: has("i"), s: has("s") };
  cursor.at += text.length;
  if (end === ")") return { type: "sequence", parts: [] };
  const inner = readEither(cursor, depth + 1);
  if (cursor.pattern[cursor.at] !== ")") throw new PatternError('a "(" is never closed', start);
  cursor.at++;
  cursor.flags = outer;
  return inner;
}
