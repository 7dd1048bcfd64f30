/**
 * The one table of error codes. `status` is what HTTP answers (RFC 9457), `retryable` whether the same call may
 * work later without anybody mending anything.
 */
export const errorCodes = {
  bad_request: { status: 400, retryable: false },
  unauthenticated: { status: 401, retryable: false },
  forbidden: { status: 403, retryable: false },
  not_found: { status: 404, retryable: false },
  conflict: { status: 409, retryable: false },
  read_only: { status: 409, retryable: false },
  too_large: { status: 413, retryable: false },
  unprocessable: { status: 422, retryable: false },
  too_many: { status: 429, retryable: true },
  config: { status: 422, retryable: false },
  full: { status: 503, retryable: true },
  unavailable: { status: 503, retryable: true },
  timeout: { status: 504, retryable: true },
  internal: { status: 500, retryable: false },
} as const satisfies Record<string, { status: number; retryable: boolean }>;

export type ErrorCode = keyof typeof errorCodes;

/** One wrong place inside the input: a JSON pointer, and what is wrong there. */
export interface FieldError {
  pointer: string;
  detail: string;
}

export interface AppErrorOptions {
  /** What is wrong, for people. */
  message: string;
  /** Where: `file:line`, an address, a record. */
  at?: string | undefined;
  /** What to do about it. */
  mend?: string | undefined;
  fields?: readonly FieldError[];
  /** Overrides the table, in seconds, for `Retry-After`. */
  retryAfterS?: number | undefined;
  /** Facts for programs and for the log; never secrets, though what is named like one is not logged. */
  details?: Readonly<Record<string, unknown>>;
  cause?: unknown;
}

/** Every refusal that reaches a person is one of these: it names the place and the mend. */
export class AppError extends Error {
  readonly code: ErrorCode;
  readonly detail: string;
  readonly at: string | undefined;
  readonly mend: string | undefined;
  readonly fields: readonly FieldError[];
  readonly retryAfterS: number | undefined;
  readonly details: Readonly<Record<string, unknown>>;

  constructor(code: ErrorCode, options: AppErrorOptions) {
    super([options.at, options.message, options.mend].filter(Boolean).join(": "), { cause: options.cause });
    this.name = "AppError";
    this.code = code;
    this.detail = options.message;
    this.at = options.at;
    this.mend = options.mend;
    this.fields = options.fields ?? [];
    this.retryAfterS = options.retryAfterS;
    this.details = options.details ?? {};
  }
}

/** The message of whatever was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Longer chains are cut; one that bites its own tail ends there. */
const longestChain = 10;

/** The error with its causes, outermost first. */
export function chainOf(error: unknown): unknown[] {
  const chain: unknown[] = [];
  for (let link = error; link !== undefined && link !== null; link = (link as { cause?: unknown }).cause) {
    if (chain.includes(link) || chain.length === longestChain) break;
    chain.push(link);
  }
  return chain;
}

/** The outermost error of ours in the chain. */
export function appErrorIn(error: unknown): AppError | undefined {
  return chainOf(error).find((link) => link instanceof AppError);
}

/** The code of the outermost error of ours in the chain; "internal" when there is none. */
export function codeOf(error: unknown): ErrorCode {
  return appErrorIn(error)?.code ?? "internal";
}

/** Whether the same call may work later by itself. Errors that are not ours are not. */
export function isRetryable(error: unknown): boolean {
  return errorCodes[codeOf(error)].retryable;
}
