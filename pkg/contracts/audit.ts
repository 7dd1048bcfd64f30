/** One change that a person or a machine made. */
export interface AuditEntry {
  at: number;
  by: string;
  /** `device.accept`, `rule.update`, `login` … */
  action: string;
  target: string;
  before: unknown;
  after: unknown;
}

/** Writes the audit log; inside the transaction of the change where there is one. */
export interface AuditLog {
  record(entry: Omit<AuditEntry, "at">): Promise<void>;
  list(limit: number): Promise<AuditEntry[]>;
}
