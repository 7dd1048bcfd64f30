import { AppError, type AppErrorOptions, appErrorIn, chainOf, codeOf, messageOf } from "./errors.ts";

/** The same failure said with more context: code, fields, details and `Retry-After` stay, the error becomes the cause. */
export function wrapError(
  error: unknown,
  message: string,
  more: Pick<AppErrorOptions, "at" | "mend" | "details"> = {},
): AppError {
  const known = appErrorIn(error);
  return new AppError(codeOf(error), {
    message: `${message}: ${known?.detail ?? messageOf(error)}`,
    at: more.at ?? known?.at,
    mend: more.mend ?? known?.mend,
    fields: known?.fields ?? [],
    retryAfterS: known?.retryAfterS,
    details: { ...known?.details, ...more.details },
    cause: error,
  });
}

/** Facts of the whole chain, for programs; where two links name the same, the outer one wins. */
export function detailsOf(error: unknown): Record<string, unknown> {
  const facts: Record<string, unknown> = {};
  for (const link of chainOf(error).reverse()) {
    if (link instanceof AppError) Object.assign(facts, link.details);
  }
  return facts;
}

/** Frames of the stack, innermost first, without the machine's own. */
export function stackOf(error: unknown): string[] {
  if (!(error instanceof Error)) return [];
  const lines = (error.stack ?? "").split("\n").map((line) => line.trim());
  return lines.filter((line) => line.startsWith("at ") && !line.includes("node:"));
}
