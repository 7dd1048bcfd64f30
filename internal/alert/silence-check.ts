import type { Matcher } from "#pkg/contracts/samples.ts";
import { AppError } from "#pkg/errors/errors.ts";
import { compileMatcher, PatternError } from "#pkg/matching/port.ts";

/** A silence that nobody remembers is worse than none: longer ones must be said again. */
const maxLengthMs = 30 * 86_400_000;

export interface SilenceWish {
  matchers: readonly Matcher[];
  startsAt?: number;
  until: number;
  reason: string;
}

/** Throws `AppError("unprocessable")` that names the field and the mend. */
export function checkSilence({ matchers, startsAt, until, reason }: SilenceWish, nowMs: number): Required<SilenceWish> {
  const starts = Math.max(startsAt ?? nowMs, nowMs);
  if (matchers.length === 0)
    throw refuse(
      "/matchers",
      "a silence without a matcher would silence everything",
      'name what is meant, for example ["room=\\"R1\\""]',
    );
  for (const [index, matcher] of matchers.entries()) checkMatcher(matcher, `/matchers/${index}`);
  if (matchers.every((matcher) => compileMatcher(matcher)("")))
    throw refuse(
      "/matchers",
      "every matcher also fits a label that is not there, so everything would be silenced",
      'add one that does not, for example room="R1"',
    );
  if (!(until > starts)) throw refuse("/until", "the silence would end before it begins", "give a later time");
  if (until - starts > maxLengthMs)
    throw refuse(
      "/until",
      "the silence would last longer than 30 days",
      "end it earlier and renew it while it is needed",
    );
  if (reason.trim() === "") throw refuse("/reason", "a silence needs a reason", "say why, for those who find it");
  return { matchers, startsAt: starts, until, reason: reason.trim() };
}

function checkMatcher(matcher: Matcher, pointer: string): void {
  try {
    compileMatcher(matcher);
  } catch (error) {
    if (!(error instanceof PatternError)) throw error;
    throw refuse(pointer, `the pattern of "${matcher.name}" cannot be used: ${error.message}`, "correct the pattern");
  }
}

function refuse(pointer: string, message: string, mend: string): AppError {
  return new AppError("unprocessable", {
    at: pointer,
    message,
    mend,
    fields: [{ pointer, detail: `${message}: ${mend}` }],
  });
}
