import { readExpression } from "./expression.ts";
import { compileProgram, runProgram } from "./program.ts";

/**
 * Compiles a fully anchored pattern in RE2's syntax. Time to test a text grows with its length times the pattern's, never
 * faster: JavaScript's own expressions backtrack, and one hostile query would stop the node. Throws `PatternError`.
 */
export function compilePattern(pattern: string): (text: string) => boolean {
  const expression = readExpression(pattern);
  const plain = /^[\w\- :/%,=@#&;<>!~"'|]*$/.test(pattern);
  if (plain) {
    const texts = new Set(pattern.split("|"));
    return (text) => texts.has(text);
  }
  const program = compileProgram(expression);
  return (text) => runProgram(program, text);
}
