import { parseDuration } from "#pkg/config/duration.ts";
import { alertLevels } from "#pkg/contracts/alerting.ts";
import type { LevelSpec, Rule, RuleSpec } from "./contract.ts";
import { toDurationText } from "./duration-text.ts";
import type { LevelBody, RuleBody } from "./schema.ts";

/** A checked body as the rule it means: durations as ms, absent keys absent. */
export function toRuleSpec(body: RuleBody): RuleSpec {
  const { for: forText, keep_firing_for, no_data, no_data_after, interval, levels, ...same } = body;
  return {
    ...same,
    ...(levels && { levels: mapLevels(levels, toLevelSpec) }),
    ...(forText !== undefined && { forMs: parseDuration(forText) }),
    ...(keep_firing_for !== undefined && { keepFiringForMs: parseDuration(keep_firing_for) }),
    ...(no_data !== undefined && { noData: no_data }),
    ...(no_data_after !== undefined && { noDataAfterMs: parseDuration(no_data_after) }),
    ...(interval !== undefined && { intervalMs: parseDuration(interval) }),
  };
}

/** The rule as people write it; `toRuleSpec` reads it back. */
export function toRuleBody(spec: RuleSpec): RuleBody {
  const { forMs, keepFiringForMs, noData, noDataAfterMs, intervalMs, levels, tags, labels, annotations, ...same } =
    spec;
  return {
    ...same,
    ...(tags && { tags: [...tags] }),
    ...(labels && { labels: { ...labels } }),
    ...(annotations && { annotations: { ...annotations } }),
    ...(levels && { levels: mapLevels(levels, toLevelBody) }),
    ...(forMs !== undefined && { for: toDurationText(forMs) }),
    ...(keepFiringForMs !== undefined && { keep_firing_for: toDurationText(keepFiringForMs) }),
    ...(noData !== undefined && { no_data: noData }),
    ...(noDataAfterMs !== undefined && { no_data_after: toDurationText(noDataAfterMs) }),
    ...(intervalMs !== undefined && { interval: toDurationText(intervalMs) }),
  };
}

function toLevelSpec({ threshold, reset, for: forText, keep_firing_for }: LevelBody): LevelSpec {
  return {
    threshold,
    ...(reset !== undefined && { reset }),
    ...(forText !== undefined && { forMs: parseDuration(forText) }),
    ...(keep_firing_for !== undefined && { keepFiringForMs: parseDuration(keep_firing_for) }),
  };
}

function toLevelBody({ threshold, reset, forMs, keepFiringForMs }: LevelSpec): LevelBody {
  return {
    threshold,
    ...(reset !== undefined && { reset }),
    ...(forMs !== undefined && { for: toDurationText(forMs) }),
    ...(keepFiringForMs !== undefined && { keep_firing_for: toDurationText(keepFiringForMs) }),
  };
}

function mapLevels<A, B>(levels: Partial<Record<(typeof alertLevels)[number], A>>, map: (level: A) => B) {
  const mapped: Partial<Record<(typeof alertLevels)[number], B>> = {};
  for (const name of alertLevels) {
    const level = levels[name];
    if (level !== undefined) mapped[name] = map(level);
  }
  return mapped;
}

/** The part of a rule that people write. */
export function toSpec(rule: Rule): RuleSpec {
  const { id: _id, source: _source, createdAt: _createdAt, updatedAt: _updatedAt, ...spec } = rule;
  return spec;
}
