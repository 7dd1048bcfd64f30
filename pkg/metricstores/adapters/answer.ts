import { AppError } from "#pkg/errors/errors.ts";
import type { HttpAnswer } from "../http-client.ts";
import { toWords } from "../outcome.ts";

/** An answer as long as this is refused rather than held in memory. */
export const mostAnswerBytes = 256 * 1024 * 1024;

/** The JSON of an answer to a question. Throws `AppError("unavailable")` when it says no, or is no JSON. */
export function toJson({ status, body }: HttpAnswer): unknown {
  if (status !== 200) throw saysNo(toWords(status, body));
  try {
    return JSON.parse(body);
  } catch (error) {
    if (error instanceof SyntaxError) throw saysNo(toWords(status, body));
    throw error;
  }
}

/** The store's own words as the error of a question. */
export function saysNo(words: string): AppError {
  return new AppError("unavailable", { at: "query", message: words, mend: "look at the store's own log" });
}
