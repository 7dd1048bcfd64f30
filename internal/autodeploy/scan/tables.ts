import type { Generated } from "kysely";
import type { ScanRequest, ScanRun } from "../contract.ts";

/** Tables of scans; request and found are JSON. */
export interface ScanTables {
  scans: ScanRow;
  scan_journal: { id: Generated<number>; scan_id: string; at: number; target: string; sent: string; outcome: string };
}

export interface ScanRow {
  id: string;
  request: string;
  state: string;
  total: number;
  sent: number;
  answered: number;
  found: string;
  error: string | null;
  by: string;
  started_at: number;
  ended_at: number | null;
}

/** The request without its credentials: no secret lies in the database because somebody once scanned with it. */
export function toScanRow(run: ScanRun): ScanRow {
  const { credentials: _secrets, ...request } = run.request;
  return {
    id: run.id,
    request: JSON.stringify(request),
    state: run.state,
    ...run.progress,
    found: JSON.stringify(run.found),
    error: run.error,
    by: run.by,
    started_at: run.startedAt,
    ended_at: run.endedAt,
  };
}

/** Only `toScanRow` writes these rows, so their JSON and words have the record's shape. */
export function toScanRun(row: ScanRow): ScanRun {
  const { id, total, sent, answered, error, by } = row;
  return {
    id,
    request: JSON.parse(row.request) as ScanRequest,
    state: row.state as ScanRun["state"],
    progress: { total, sent, answered },
    found: JSON.parse(row.found) as string[],
    error,
    by,
    startedAt: row.started_at,
    endedAt: row.ended_at,
  };
}
