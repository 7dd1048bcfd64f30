import { AppError, chainOf, errorCodes, type FieldError, messageOf } from "./errors.ts";
import { stackOf } from "./wrap.ts";

/** One link of an error's chain as log lines carry it. */
export interface LoggedLink {
  message: string;
  /** Our code, or the one of the system or driver (`ECONNREFUSED`). */
  code?: string;
  retryable?: boolean;
  at?: string;
  mend?: string;
  fields?: readonly FieldError[];
  details?: unknown;
  /** Innermost frames first, without the machine's own. */
  stack?: string[];
}

/** An error as log lines carry it: the outermost link, and its causes, outer before inner. */
export interface LoggedError extends LoggedLink {
  causes?: LoggedLink[];
}

const mostFrames = 12;
const mostErrors = 5;

/** Anything that was thrown, for the log. Text (an error that was kept as its message) stays as it is. */
export function toLoggedError(error: unknown): LoggedError | string {
  if (typeof error === "string") return error;
  const [first, ...others] = chainOf(error);
  const causes = [...others, ...together(first)].map(toLink);
  return { ...toLink(first), ...(causes.length > 0 && { causes }) };
}

/** What an AggregateError holds. */
function together(error: unknown): unknown[] {
  return error instanceof AggregateError ? error.errors.slice(0, mostErrors) : [];
}

function toLink(error: unknown): LoggedLink {
  const stack = stackOf(error).slice(0, mostFrames);
  return { message: messageOf(error), ...describe(error), ...(stack.length > 0 && { stack }) };
}

function describe(error: unknown): Omit<LoggedLink, "message" | "stack"> {
  if (!(error instanceof AppError)) {
    const code = (error as { code?: unknown } | undefined)?.code;
    return typeof code === "string" || typeof code === "number" ? { code: String(code) } : {};
  }
  const { code, at, mend, fields, details } = error;
  return {
    code,
    retryable: errorCodes[code].retryable,
    ...(at && { at }),
    ...(mend && { mend }),
    ...(fields.length > 0 && { fields }),
    ...(Object.keys(details).length > 0 && { details: withoutSecrets(details) }),
  };
}

const secretName = /password|passphrase|token|community|secret|authorization|cookie|credential/i;
const deepest = 4;

/** A copy in which the values of keys named like a secret are hidden. */
export function withoutSecrets(value: unknown, depth = 0): unknown {
  if (typeof value !== "object" || value === null) return typeof value === "bigint" ? String(value) : value;
  if (depth === deepest) return "…";
  if (Array.isArray(value)) return value.map((item) => withoutSecrets(item, depth + 1));
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [
      key,
      secretName.test(key) ? "[redacted]" : withoutSecrets(item, depth + 1),
    ]),
  );
}
