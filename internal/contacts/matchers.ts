import type { Matcher } from "#pkg/contracts/samples.ts";
import { AppError } from "#pkg/errors/errors.ts";
import { compileMatcher } from "#pkg/matching/port.ts";
import { parseSelector } from "#pkg/promql/selector.ts";

/** Reads matchers as people write them (`severity="critical"`). Throws `AppError("unprocessable")` naming the text. */
export function parseMatchers(texts: readonly string[]): Matcher[] {
  return texts.flatMap((text) => {
    try {
      // The metric's name is only there because a selector alone must not take everything; a route may.
      return parseSelector(`route{${text}}`).matchers.filter((matcher) => matcher.name !== "__name__");
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      throw new AppError("unprocessable", {
        at: text,
        message: `is no matcher (${error.detail})`,
        mend: 'write for example severity="critical" or room=~"R[12]"',
        cause: error,
      });
    }
  });
}

/** The matcher as people write it. */
export function formatMatcher({ name, op, value }: Matcher): string {
  return `${name}${op}${JSON.stringify(value)}`;
}

/** Whether all matchers fit; a label that is not there is "". */
export function fits(matchers: readonly Matcher[], labels: Readonly<Record<string, string>>): boolean {
  return matchers.every((matcher) => compileMatcher(matcher)(labels[matcher.name] ?? ""));
}
