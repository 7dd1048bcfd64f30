import type { Audit } from "#pkg/audit/port.ts";
import type { Tx } from "#pkg/sql/port.ts";

/**
 * Writes to the audit log what somebody did with accounts; `after` never holds a secret. What changes something names
 * the transaction of the change, so that there is never one without the other.
 */
export type Note = (entry: { by: string; action: string; target: string; after?: unknown }, tx?: Tx) => Promise<void>;

/** Notes in this audit log. */
export function createNote(audit: Pick<Audit, "record">): Note {
  return ({ after = null, ...entry }, tx) => audit.record({ ...entry, before: null, after }, tx);
}
