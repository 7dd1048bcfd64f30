import type { Acknowledgement, AlertLevel, ConditionState, Judgement } from "#pkg/contracts/alerting.ts";
import type { AlertTimelineEntry } from "./contract.ts";

/** What is stored of an alert, as far as the next step depends on it. */
export interface Standing {
  condition: ConditionState;
  level: AlertLevel;
  acknowledgement: Acknowledgement;
  ended: boolean;
}

/** `none`: no record to go on with; `returned`: ended but not acknowledged ("RTN unacknowledged"); `open`: going on. */
type From = "none" | "returned" | "open";
/** What the rule says: nothing wrong, or something. */
type To = "quiet" | "active";
type Move = "nothing" | "open" | "open_again" | "shift" | "close";

/** The whole life of an alert: from where it stands and what was judged to what happens. */
export const transitions: Record<From, Record<To, Move>> = {
  none: { quiet: "nothing", active: "open" },
  returned: { quiet: "nothing", active: "open_again" },
  open: { quiet: "close", active: "shift" },
};

/** One row for the timeline, without who and when. */
export interface StepEntry {
  change: AlertTimelineEntry["change"];
  from: string | null;
  to: string | null;
}

/** What one judgement does to an alert. */
export interface Step {
  move: Exclude<Move, "nothing">;
  condition: ConditionState;
  level: AlertLevel;
  entries: readonly StepEntry[];
  event: "alert.opened" | "alert.level_changed" | "alert.closed" | null;
}

/** The step a judgement means; undefined when it changes nothing, so that judging twice leaves no trace. */
export function transition(
  standing: Standing | undefined,
  judgement: Pick<Judgement, "state" | "level">,
): Step | undefined {
  const level = judgement.level ?? (standing && !standing.ended ? standing.level : null);
  const move = transitions[fromOf(standing)][toOf(judgement.state, level)];
  if (move === "nothing" || (level === null && move !== "close")) return undefined;
  if (move === "close") return close(standing);
  // `level` is set here: without one the judgement was quiet or went no further than the line above.
  return move === "shift" ? shift(standing, judgement.state, level ?? "info") : open(move, judgement.state, level);
}

function fromOf(standing: Standing | undefined): From {
  if (standing === undefined) return "none";
  if (!standing.ended) return "open";
  return standing.acknowledgement === "unacknowledged" ? "returned" : "none";
}

function toOf(state: ConditionState, level: AlertLevel | null): To {
  return state === "normal" || state === "pending" || level === null ? "quiet" : "active";
}

function open(move: "open" | "open_again", condition: ConditionState, level: AlertLevel | null): Step {
  const entry: StepEntry = { change: "opened", from: "normal", to: level };
  return { move, condition, level: level ?? "info", entries: [entry], event: "alert.opened" };
}

function close(standing: Standing | undefined): Step {
  const from = standing?.condition ?? null;
  return {
    move: "close",
    condition: "normal",
    level: standing?.level ?? "info",
    entries: [{ change: "closed", from, to: "normal" }],
    event: "alert.closed",
  };
}

function shift(standing: Standing | undefined, condition: ConditionState, level: AlertLevel): Step | undefined {
  const entries: StepEntry[] = [];
  if (standing && standing.condition !== condition) {
    entries.push({ change: conditionChange(condition), from: standing.condition, to: condition });
  }
  const levelChanged = standing !== undefined && standing.level !== level;
  if (levelChanged) entries.push({ change: "level", from: standing.level, to: level });
  if (entries.length === 0) return undefined;
  return { move: "shift", condition, level, entries, event: levelChanged ? "alert.level_changed" : null };
}

function conditionChange(condition: ConditionState): StepEntry["change"] {
  return condition === "recovering" || condition === "no_data" ? condition : "firing";
}
