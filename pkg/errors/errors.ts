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
  at?: string;
  /** What to do about it. */
  mend?: string;
  fields?: readonly FieldError[];
  /** Overrides the table, in seconds, for `Retry-After`. */
  retryAfterS?: number;
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

  constructor(code: ErrorCode, options: AppErrorOptions) {
    super([options.at, options.message, options.mend].filter(Boolean).join(": "), { cause: options.cause });
    this.name = "AppError";
    this.code = code;
    this.detail = options.message;
    this.at = options.at;
    this.mend = options.mend;
    this.fields = options.fields ?? [];
    this.retryAfterS = options.retryAfterS;
  }
}

/** Whether the same call may work later by itself. Unknown errors are not. */
export function isRetryable(error: unknown): boolean {
  return error instanceof AppError && errorCodes[error.code].retryable;
}

/** The message of whatever was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
