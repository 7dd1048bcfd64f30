import { type AlertLevel, alertLevels } from "#pkg/contracts/alerting.ts";
import { AppError } from "#pkg/errors/errors.ts";
import type { Comparison, LevelSpec, RuleSpec } from "./contract.ts";
import { holds } from "./interval.ts";

/** Labels that the alert sets by itself. */
const ownLabels = ["alertname", "severity", "__name__"];
const maxDurationMs = 30 * 86_400_000;

/** Checks what the shape alone cannot tell. Throws `AppError("unprocessable")` that names the field and the mend. */
export function checkSpec(
  spec: RuleSpec,
  comparison: Comparison,
  levels: Partial<Record<AlertLevel, LevelSpec>>,
): void {
  if (spec.name.trim() === "") throw refuse("/name", "the rule has no name", "give it one; alerts are known by it");
  checkLabels(spec);
  checkDurations(spec, "");
  const given = alertLevels.filter((level) => levels[level] !== undefined);
  if (given.length === 0) {
    throw refuse("/levels", "the rule has no level", 'add at least one, for example {"warning":{"threshold":12}}');
  }
  for (const level of given) checkLevel(level, levels[level], comparison);
  checkOrder(given, levels, comparison);
}

function checkLabels(spec: RuleSpec): void {
  for (const name of Object.keys(spec.labels ?? {})) {
    if (ownLabels.includes(name)) {
      throw refuse(`/labels/${name}`, `the label "${name}" is set by the alert itself`, "use another name");
    }
    if (!/^[a-zA-Z_][a-zA-Z0-9_]*$/.test(name)) {
      throw refuse(`/labels/${name}`, `"${name}" is no label name`, "use letters, digits and _ only");
    }
  }
}

function checkDurations(spec: RuleSpec | LevelSpec, at: string): void {
  const durations = { for: spec.forMs, keep_firing_for: spec.keepFiringForMs };
  for (const [key, durationMs] of Object.entries(durations)) {
    if (durationMs !== undefined && durationMs > maxDurationMs) {
      throw refuse(`${at}/${key}`, `"${key}" is longer than 30 days`, "make it shorter");
    }
  }
}

function checkLevel(level: AlertLevel, spec: LevelSpec | undefined, comparison: Comparison): void {
  if (!spec) return;
  const at = `/levels/${level}`;
  checkDurations(spec, at);
  const { threshold, reset } = spec;
  // Minus infinity stands for "any value" and is never written by people.
  if (Number.isNaN(threshold) || threshold === Number.POSITIVE_INFINITY) {
    throw refuse(`${at}/threshold`, "the threshold is no number", "give a number");
  }
  if (reset === undefined || reset === threshold) return;
  if (comparison === "==" || comparison === "!=") {
    throw refuse(`${at}/reset`, `"${comparison}" has no side for a reset to stand on`, "leave reset out");
  }
  if (isBeyond(comparison, reset, threshold)) {
    throw refuse(
      `${at}/reset`,
      `reset (${reset}) lies beyond the threshold (${comparison} ${threshold}), so the alert would end before it began`,
      `give a reset ${comparison.startsWith(">") ? "below" : "above"} ${threshold}, or leave it out`,
    );
  }
}

/** A higher level must be reached later than a lower one. */
function checkOrder(
  given: readonly AlertLevel[],
  levels: Partial<Record<AlertLevel, LevelSpec>>,
  comparison: Comparison,
): void {
  for (const [index, higher] of given.entries()) {
    const lower = given[index - 1];
    const [low, high] = [lower && levels[lower], levels[higher]];
    if (!lower || !low || !high) continue;
    if (comparison === "==" || comparison === "!=") checkDifferent(lower, low, higher, high);
    else if (!isBeyond(comparison, high.threshold, low.threshold)) {
      throw refuse(
        `/levels/${higher}/threshold`,
        `${higher} (${comparison} ${high.threshold}) is reached before ${lower} (${comparison} ${low.threshold})`,
        `swap the two thresholds, or set comparison to "${comparison.startsWith(">") ? "<" : ">"}"`,
      );
    }
  }
}

function checkDifferent(lower: AlertLevel, low: LevelSpec, higher: AlertLevel, high: LevelSpec): void {
  if (low.threshold !== high.threshold) return;
  throw refuse(
    `/levels/${higher}/threshold`,
    `${higher} and ${lower} are both ${high.threshold}`,
    "give each its own value, or keep one of them",
  );
}

function isBeyond(comparison: Comparison, value: number, bound: number): boolean {
  return value !== bound && holds(comparison.startsWith(">") ? ">" : "<", value, bound);
}

/** A refusal of one field of a rule. */
export function refuse(pointer: string, message: string, mend: string, cause?: unknown): AppError {
  const fields = [{ pointer, detail: `${message}: ${mend}` }];
  return new AppError("unprocessable", { at: pointer, message, mend, fields, cause });
}
