import type { AlertLevel, ConditionState, Judgement } from "#pkg/contracts/alerting.ts";
import type { LogPosition, SampleBatch } from "#pkg/contracts/samples.ts";
import type { Tx } from "#pkg/sql/port.ts";

export type Comparison = ">" | ">=" | "<" | "<=" | "==" | "!=";

/** Durations in ms. `reset` absent: the threshold itself. */
export interface LevelSpec {
  threshold: number;
  reset?: number;
  forMs?: number;
  keepFiringForMs?: number;
}

export interface RuleSpec {
  name: string;
  description?: string;
  /** PromQL: a value selector together with `comparison` and `levels`, or one that returns the alerting series, with `level`. */
  condition: string;
  comparison?: Comparison;
  levels?: Partial<Record<AlertLevel, LevelSpec>>;
  level?: AlertLevel;
  forMs?: number;
  keepFiringForMs?: number;
  /** What silence of a series means: `ok` normal, `alert` fires at `level` (or the highest), `keep` as it was. */
  noData?: "ok" | "alert" | "keep";
  /** How long without a sample is silence; default three times the series' own pace, at least 60 s. */
  noDataAfterMs?: number;
  intervalMs?: number;
  labels?: Readonly<Record<string, string>>;
  annotations?: Readonly<Record<string, string>>;
  enabled?: boolean;
  priority?: number;
  tags?: readonly string[];
}

export interface Rule extends RuleSpec {
  id: string;
  /** `file:line` for a rule from a file: read-only here. */
  source: string | null;
  createdAt: number;
  updatedAt: number;
}

/** Where one label set of one rule stands. */
export interface RuleSeriesState {
  ruleId: string;
  labels: Readonly<Record<string, string>>;
  state: ConditionState;
  level: AlertLevel | null;
  value: number | null;
  sinceMs: number;
  lastSampleMs: number;
}

export interface Rules {
  /** Throws `AppError("unprocessable")` naming field and mend (order of thresholds, reset beyond threshold, unknown PromQL …). */
  create(spec: RuleSpec, by: string): Promise<Rule>;
  /** Throws `AppError("read_only")` with the file for one that comes from a file. */
  update(id: string, spec: RuleSpec, by: string): Promise<Rule>;
  remove(id: string, by: string): Promise<void>;
  get(id: string): Promise<Rule | undefined>;
  list(): Promise<Rule[]>;
  /** The rules of the configuration; those that went go. */
  setFromFiles(rules: readonly (RuleSpec & { source: string })[]): Promise<void>;
  states(ruleId?: string): RuleSeriesState[];
  /** How many series each rule watches. */
  watched(ruleId: string): number;
  /** Judges one stored batch; called in order of the log. Never throws. */
  judge(batch: SampleBatch, position: LogPosition): void;
  /** Up to where everything is judged and stored; the log is released up to there. */
  judgedTo(): LogPosition;
  stats(): RuleStats;
}

/** How the judge is doing, for metrics and health. */
export interface RuleStats {
  rules: number;
  /** (rule, label set) pairs that are watched. */
  slots: number;
  judged: number;
  /** Stored but not judged: older than the newest of their series, or older than 5 min (or three intervals) on arrival. */
  late: number;
  /** Times ahead of the node's clock, judged as if they were now. */
  ahead: number;
  /** Judgements that wait to be stored. */
  waiting: number;
  /** `behind`: the log is the buffer until judgements can be stored again. */
  mode: "starting" | "live" | "behind";
}

/** Takes the changes of state, in order, into the transaction that also stores the rule's own state. Idempotent. */
export type JudgementSink = (tx: Tx, judgements: readonly Judgement[]) => Promise<void>;
