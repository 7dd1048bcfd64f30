import type { AlertLevel } from "#pkg/contracts/alerting.ts";
import type { Said } from "./slot-table.ts";

/** Tables of this module. */
export interface RuleTables {
  rule: RuleRow;
  rule_state: StateRow;
  /** Newest judged times (doubles) and paces (floats) of `seriesPerChunk` series, by series id. */
  rule_series: { chunk: number; newest_ms: Uint8Array; pace_ms: Uint8Array };
  /** One row: up to where everything is judged and stored, and when that was. */
  rule_progress: { id: number; judged_to: number; at: number };
}

export interface RuleRow {
  id: string;
  name: string;
  source: string | null;
  /** `RuleSpec` as JSON. */
  spec: string;
  created_at: number;
  updated_at: number;
}

/** State of one slot after the batch at `position`. */
export interface StateRow {
  /** `<rule_id>:<fingerprint>`. */
  id: string;
  rule_id: string;
  fingerprint: string;
  /** Alert labels as JSON, `alertname` included. */
  labels: string;
  /** What was said last. `normal` with no delay running can go once the log is judged past `position`. */
  state: Said["state"] | "pending";
  level: AlertLevel | null;
  /** JSON: phase and the sample time at which it began, per level (lowest first). */
  phases: string;
  silent: number;
  value: number | null;
  last_ms: number | null;
  since_ms: number;
  position: number;
}
