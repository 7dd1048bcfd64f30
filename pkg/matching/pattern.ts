/** A pattern that cannot be used: `index` is where in the pattern, counted from 0. */
export class PatternError extends Error {
  readonly index: number;

  constructor(message: string, index: number) {
    super(message);
    this.name = "PatternError";
    this.index = index;
  }
}

/** Compiles a fully anchored pattern. Throws `PatternError`. */
export function compilePattern(pattern: string): (text: string) => boolean {
  try {
    const expression = new RegExp(`^(?:${pattern})$`, "su");
    return (text) => expression.test(text);
  } catch (error) {
    throw new PatternError(error instanceof Error ? error.message : String(error), 0);
  }
}
