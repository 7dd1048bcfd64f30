/** One part of a page that can fail by itself: the rest of the page lives. */
export type Part<T> = { ok: true; data: T } | { ok: false; problem: Problem };

export interface Problem {
  message: string;
  /** What to do about it, where it is known. */
  mend: string | null;
}

/** Loads one part. Whatever is thrown becomes what the part shows. */
export async function part<T>(load: () => Promise<T> | T): Promise<Part<T>> {
  try {
    return { ok: true, data: await load() };
  } catch (error) {
    return { ok: false, problem: toProblem(error) };
  }
}

/** The words of a failure: `detail` and `mend` of an AppError, else its message. */
export function toProblem(error: unknown): Problem {
  if (!(error instanceof Error)) return { message: String(error), mend: null };
  const detail = "detail" in error && typeof error.detail === "string" ? error.detail : error.message;
  const mend = "mend" in error && typeof error.mend === "string" ? error.mend : null;
  return { message: detail, mend };
}
