/** A pattern that cannot be used: `index` is where in the pattern, counted from 0. */
export class PatternError extends Error {
  readonly index: number;

  constructor(message: string, index: number) {
    super(message);
    this.name = "PatternError";
    this.index = index;
  }
}

/** What a pattern is made of. */
export type Expression =
  | { type: "character"; fits: (character: string) => boolean }
  | { type: "place"; fits: (before: string | undefined, after: string | undefined) => boolean }
  | { type: "sequence"; parts: Expression[] }
  | { type: "either"; options: Expression[] }
  | { type: "repeat"; part: Expression; least: number; most: number };

/** Where reading stands, and the flags that hold there: `i` ignores case, `s` lets the dot take a newline. */
export interface Cursor {
  readonly pattern: string;
  at: number;
  flags: { i: boolean; s: boolean };
}

/** One character as it stands. */
export function literal(character: string, ignoreCase: boolean): Expression {
  const lower = character.toLowerCase();
  const fits = ignoreCase ? (given: string) => given.toLowerCase() === lower : (given: string) => given === character;
  return { type: "character", fits };
}
