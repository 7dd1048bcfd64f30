import { createHash } from "node:crypto";
import type { Clock } from "#pkg/clock/port.ts";
import type { SqlClient, Tx } from "#pkg/sql/port.ts";
import type { Audit, StoredAuditEntry } from "./port.ts";
import type { AuditRow, AuditTables } from "./tables.ts";

const beforeFirst = "0".repeat(64);
const verifyAtOnce = 1000;

/** The audit log over the table of migration 0001; its chain over the columns of 0002. */
export function createAudit({ sql, clock }: { sql: SqlClient; clock: Clock }): Audit {
  const page: Audit["page"] = async ({ limit, before }) => {
    const rows = sql.db<AuditTables>().selectFrom("audit").selectAll().orderBy("id", "desc").limit(limit);
    return (await (before === undefined ? rows : rows.where("id", "<", before)).execute()).map(toEntry);
  };
  return {
    async record(entry, tx) {
      const link: Link = {
        at: clock.now(),
        by: entry.by.slice(0, 200),
        action: entry.action.slice(0, 100),
        target: entry.target.slice(0, 500),
        before: toJson(entry.before),
        after: toJson(entry.after),
      };
      await (tx ? append(tx, link) : sql.transaction((own) => append(own, link)));
    },
    list: async (limit) => (await page({ limit })).map(({ id: _id, ...entry }) => entry),
    page,
    async verify() {
      let last: Pick<AuditRow, "id" | "hash"> = { id: 0, hash: beforeFirst };
      for (;;) {
        const rows = await sql
          .db<AuditTables>()
          .selectFrom("audit")
          .selectAll()
          .where("id", ">", last.id)
          .orderBy("id")
          .limit(verifyAtOnce)
          .execute();
        for (const row of rows) {
          if (row.prev_hash !== last.hash || row.hash !== hashOf(row, last.hash)) return row.id;
          last = row;
        }
        if (rows.length < verifyAtOnce) return undefined;
      }
    },
  };
}

/** What the hash of an entry covers. */
type Link = Pick<AuditRow, "at" | "by" | "action" | "target" | "before" | "after">;

/** Transactions are serialised, so the entry read here is still the last one when the next is written. */
async function append(tx: Tx, link: Link): Promise<void> {
  const db = tx.db<AuditTables>();
  const last = await db.selectFrom("audit").select("hash").orderBy("id", "desc").limit(1).executeTakeFirst();
  const prev_hash = last?.hash ?? beforeFirst;
  await db
    .insertInto("audit")
    .values({ ...link, prev_hash, hash: hashOf(link, prev_hash) })
    .execute();
}

function hashOf({ at, by, action, target, before, after }: Link, previous: string): string {
  const text = JSON.stringify([previous, at, by, action, target, before, after]);
  return createHash("sha256").update(text).digest("hex");
}

/** Undefined is stored as nothing, like null. */
function toJson(value: unknown): string | null {
  return value === undefined || value === null ? null : JSON.stringify(value);
}

function toEntry(row: AuditRow): StoredAuditEntry {
  const { id, at, by, action, target, before, after } = row;
  return { id, at, by, action, target, before: fromJson(before), after: fromJson(after) };
}

function fromJson(text: string | null): unknown {
  return text === null ? null : JSON.parse(text);
}
