import type { Acknowledgement, AlertLevel, ConditionState, Cover, Judgement } from "#pkg/contracts/alerting.ts";
import type { Matcher } from "#pkg/contracts/samples.ts";
import type { Tx } from "#pkg/sql/port.ts";

export interface Alert {
  id: string;
  fingerprint: string;
  ruleId: string;
  ruleName: string;
  labels: Readonly<Record<string, string>>;
  annotations: Readonly<Record<string, string>>;
  level: AlertLevel;
  conditionState: ConditionState;
  acknowledgement: Acknowledgement;
  acknowledgedBy: string | null;
  cover: Cover | null;
  covers: readonly Cover[];
  value: number | null;
  startedAt: number;
  endedAt: number | null;
  updatedAt: number;
}

/** One row of the timeline. */
export interface AlertTimelineEntry {
  at: number;
  change: "opened" | "level" | "recovering" | "firing" | "closed" | "acknowledged" | "cover" | "no_data";
  from: string | null;
  to: string | null;
  by: string;
  value: number | null;
  reason: string;
}

export interface AlertQuery {
  /** open: condition not normal, or normal and unacknowledged. */
  scope?: "open" | "firing" | "ended" | "all";
  level?: AlertLevel;
  ruleId?: string;
  /** Equal labels. */
  labels?: Readonly<Record<string, string>>;
  search?: string;
  limit?: number;
  cursor?: string;
}

export interface Silence {
  id: string;
  matchers: readonly Matcher[];
  startsAt: number;
  until: number;
  reason: string;
  by: string;
  createdAt: number;
}

export interface Alerts {
  /** Applies judgements in order inside the caller's transaction: state, timeline and events go together. Idempotent: a judgement that changes nothing leaves no trace. */
  apply(tx: Tx, judgements: readonly Judgement[]): Promise<void>;
  get(id: string): Promise<Alert | undefined>;
  list(query: AlertQuery): Promise<{ items: Alert[]; next: string | null }>;
  /** Firing alerts by level, and how many of all are unacknowledged. */
  counts(): Promise<{ info: number; warning: number; critical: number; unacknowledged: number }>;
  timeline(id: string): Promise<AlertTimelineEntry[]>;
  acknowledge(id: string, by: string, comment: string): Promise<Alert>;
}

export interface Silences {
  /** Throws `AppError("unprocessable")` on no matcher, an end in the past or one further than 30 days. Open alerts that match are covered at once. */
  create(
    silence: { matchers: readonly Matcher[]; startsAt?: number; until: number; reason: string },
    by: string,
  ): Promise<Silence>;
  expire(id: string, by: string): Promise<void>;
  list(scope: "active" | "all"): Promise<Silence[]>;
}
