import type { ScanJournalEntry } from "#pkg/contracts/scanner.ts";
import type { SqlClient } from "#pkg/sql/port.ts";
import type { ScanRun } from "../contract.ts";
import { type ScanTables, toScanRow, toScanRun } from "./tables.ts";

/** Runs that are kept, and how many of them with their journal. */
const keptRuns = 500;
const keptJournals = 10;
const rowsPerInsert = 1_000;

/** Scans on disk. */
export interface ScanStore {
  get(id: string): Promise<ScanRun | undefined>;
  list(limit: number): Promise<ScanRun[]>;
  journal(id: string): Promise<ScanJournalEntry[]>;
  /** The run and its new journal lines, in one transaction. */
  save(run: ScanRun, lines: readonly ScanJournalEntry[]): Promise<void>;
  /** Runs of a process that is gone become failed; what is beyond the kept numbers goes. */
  recover(nowMs: number): Promise<void>;
  trim(): Promise<void>;
}

export function createScanStore(sql: SqlClient): ScanStore {
  return {
    async get(id) {
      const row = await sql.db<ScanTables>().selectFrom("scans").selectAll().where("id", "=", id).executeTakeFirst();
      return row && toScanRun(row);
    },
    async list(limit) {
      const scans = sql.db<ScanTables>().selectFrom("scans").selectAll();
      return (await scans.orderBy("id", "desc").limit(limit).execute()).map(toScanRun);
    },
    async journal(id) {
      const lines = sql.db<ScanTables>().selectFrom("scan_journal").where("scan_id", "=", id).orderBy("id");
      return lines.select(["at as atMs", "target", "sent", "outcome"]).execute();
    },
    save: (run, lines) => save(sql, run, lines),
    async recover(nowMs) {
      const gone = { state: "failed", error: "node stopped", ended_at: nowMs };
      await sql.db<ScanTables>().updateTable("scans").set(gone).where("state", "=", "running").execute();
    },
    async trim() {
      await deleteOlder(sql, "scan_journal", keptJournals);
      await deleteOlder(sql, "scans", keptRuns);
    },
  };
}

async function save(sql: SqlClient, run: ScanRun, lines: readonly ScanJournalEntry[]): Promise<void> {
  await sql.transaction(async (tx) => {
    const db = tx.db<ScanTables>();
    const row = toScanRow(run);
    const updated = await db.updateTable("scans").set(row).where("id", "=", row.id).executeTakeFirst();
    if (updated.numUpdatedRows === 0n) await db.insertInto("scans").values(row).execute();
    for (let start = 0; start < lines.length; start += rowsPerInsert) {
      const chunk = lines.slice(start, start + rowsPerInsert);
      await db
        .insertInto("scan_journal")
        .values(chunk.map((line) => toLineRow(run.id, line)))
        .execute();
    }
  });
}

/** Outcomes may quote a device: cut to what the column holds. */
function toLineRow(scanId: string, { atMs, target, sent, outcome }: ScanJournalEntry) {
  return {
    scan_id: scanId,
    at: atMs,
    target: target.slice(0, 100),
    sent: sent.slice(0, 500),
    outcome: outcome.slice(0, 500),
  };
}

/** Ids of runs grow with time. */
async function deleteOlder(sql: SqlClient, table: "scans" | "scan_journal", keep: number): Promise<void> {
  const db = sql.db<ScanTables>();
  const scans = db.selectFrom("scans").select("id").orderBy("id", "desc");
  const edge = await scans.offset(keep).limit(1).executeTakeFirst();
  if (!edge) return;
  if (table === "scans") await db.deleteFrom("scans").where("id", "<=", edge.id).execute();
  else await db.deleteFrom("scan_journal").where("scan_id", "<=", edge.id).execute();
}
