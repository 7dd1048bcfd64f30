import type { Generated } from "kysely";
import type { Acknowledgement, AlertLevel, ConditionState } from "#pkg/contracts/alerting.ts";
import type { AlertTimelineEntry } from "./contract.ts";

/** Tables of this module. Labels, annotations, covers and matchers are JSON; labels with sorted keys. */
export interface AlertTables {
  alert: AlertRow;
  alert_timeline: TimelineRow;
  silence: SilenceRow;
}

export interface AlertRow {
  id: string;
  fingerprint: string;
  rule_id: string;
  rule_name: string;
  labels: string;
  annotations: string;
  level: AlertLevel;
  condition_state: ConditionState;
  acknowledgement: Acknowledgement;
  acknowledged_by: string | null;
  covers: string;
  /** 1: it opened or changed level under a cover, so nobody has heard of it yet. */
  untold: number;
  value: number | null;
  started_at: number;
  ended_at: number | null;
  updated_at: number;
}

interface TimelineRow {
  id: Generated<number>;
  alert_id: string;
  at: number;
  change_kind: AlertTimelineEntry["change"];
  was: string | null;
  became: string | null;
  by_whom: string;
  value: number | null;
  reason: string;
}

export type NewTimelineRow = Omit<TimelineRow, "id">;

export interface SilenceRow {
  id: string;
  matchers: string;
  starts_at: number;
  until: number;
  reason: string;
  by_whom: string;
  created_at: number;
}
