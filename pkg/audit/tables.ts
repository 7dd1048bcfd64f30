import type { Generated, Selectable } from "kysely";

export interface AuditTables {
  audit: {
    id: Generated<number>;
    /** UTC ms. */
    at: number;
    by: string;
    action: string;
    target: string;
    /** JSON. */
    before: string | null;
    after: string | null;
    /** Hash of the entry before; 64 zeros for the first. */
    prev_hash: string;
    hash: string;
  };
}

export type AuditRow = Selectable<AuditTables["audit"]>;
