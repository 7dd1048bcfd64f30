import type { Matcher } from "#pkg/contracts/samples.ts";
import { compilePattern } from "./pattern.ts";

export { PatternError } from "./syntax.ts";

/** Whether a label's value fits. A label that is not there has the value "". */
export type LabelTest = (value: string) => boolean;

/** The matcher as a function, with PromQL's meaning: patterns are anchored at both ends. Throws `PatternError`. */
export function compileMatcher(matcher: Matcher): LabelTest {
  const wanted = matcher.value;
  if (matcher.op === "=") return (value) => value === wanted;
  if (matcher.op === "!=") return (value) => value !== wanted;
  const fits = compilePattern(wanted);
  return matcher.op === "=~" ? fits : (value) => !fits(value);
}
