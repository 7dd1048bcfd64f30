import type { AuditEntry, AuditLog } from "#pkg/contracts/audit.ts";
import type { Tx } from "#pkg/sql/port.ts";

/** An entry as it stands in the log; `id` grows. */
export interface StoredAuditEntry extends AuditEntry {
  id: number;
}

/**
 * The audit log in the database. Each entry holds a hash over itself and the entry before it, so that one that is
 * changed or taken out later shows; one who may write the whole table can forge all of it.
 */
export interface Audit extends AuditLog {
  /**
   * Inside `tx` where the caller has one, else in a transaction of its own. Without `tx` it must not be awaited inside
   * a transaction: it would wait for it.
   */
  record(entry: Omit<AuditEntry, "at">, tx?: Tx): Promise<void>;
  /** Newest first, those with an id below `before`. */
  page(options: { limit: number; before?: number }): Promise<StoredAuditEntry[]>;
  /** Id of the first entry that does not follow from the one before it; undefined when all do. */
  verify(): Promise<number | undefined>;
}
