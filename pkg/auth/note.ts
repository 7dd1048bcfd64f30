/** Writes to the audit log what somebody did with accounts; `after` never holds a secret. */
export type Note = (by: string, action: string, target: string, after?: unknown) => Promise<void>;
