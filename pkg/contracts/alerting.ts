/** Levels of an alert, mildest first. */
export const alertLevels = ["info", "warning", "critical"] as const;
export type AlertLevel = (typeof alertLevels)[number];

/** ISA-18.2's three, then ours; `coverOrder` tells which one is shown when several hold. */
export const coverOrder = [
  "out_of_service",
  "suppressed_by_design",
  "shelved",
  "maintenance",
  "inhibited",
  "silenced",
] as const;
export type Cover = (typeof coverOrder)[number];

export type ConditionState = "normal" | "pending" | "firing" | "recovering" | "no_data" | "error";
export type Acknowledgement = "unacknowledged" | "acknowledged";

/** What a rule says of one label set after it has judged. Only changes are reported, and each names its reason. */
export interface Judgement {
  ruleId: string;
  ruleName: string;
  /** Labels of the series plus the rule's own, `alertname` included, `severity` left out. */
  labels: Readonly<Record<string, string>>;
  annotations: Readonly<Record<string, string>>;
  state: ConditionState;
  /** Set when `state` is firing or recovering, and for no_data that alerts. */
  level: AlertLevel | null;
  value: number | null;
  /** Sample time (or the node's clock for no-data) at which the state began. */
  atMs: number;
  reason: string;
}
