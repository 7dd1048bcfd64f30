import { type Static, Type } from "typebox";
import { durationPattern } from "#pkg/config/duration.ts";

const strict = { additionalProperties: false };
const duration = (description: string) =>
  Type.String({
    description: `${description} Written like "10s" or "1h30m".`,
    pattern: durationPattern,
    maxLength: 30,
  });

const levelName = Type.Union([Type.Literal("info"), Type.Literal("warning"), Type.Literal("critical")], {
  description: "info, warning or critical",
});

const texts = (description: string, maxLength: number) =>
  Type.Record(Type.String({ maxLength: 100 }), Type.String({ maxLength }), { description, maxProperties: 50 });

export const levelSchema = Type.Object(
  {
    threshold: Type.Number({ description: "The level begins when the value compares true with this." }),
    reset: Type.Optional(
      Type.Number({
        description: "The level ends when the value no longer compares true with this; default: the threshold.",
      }),
    ),
    for: Type.Optional(duration("On-delay: how long the value must be over the threshold, by the samples' own times.")),
    keep_firing_for: Type.Optional(duration("Off-delay: how long the value must stay back before the level ends.")),
  },
  strict,
);

/** A rule as people write it: in REST and, with the same keys, in TOML. */
export const ruleSchema = Type.Object(
  {
    name: Type.String({ description: "Unique name; alerts carry it as `alertname`.", minLength: 1, maxLength: 200 }),
    description: Type.Optional(Type.String({ description: "What the rule is for.", maxLength: 2000 })),
    condition: Type.String({
      description:
        'PromQL: a selector (`pdu_current{room="R1"}`) with `comparison` and `levels`, or one compared with a number (`pdu_current > 16`) with `level`.',
      minLength: 1,
      maxLength: 2000,
    }),
    comparison: Type.Optional(
      Type.Union(
        [
          Type.Literal(">"),
          Type.Literal(">="),
          Type.Literal("<"),
          Type.Literal("<="),
          Type.Literal("=="),
          Type.Literal("!="),
        ],
        { description: "How a value is compared with the thresholds: >, >=, <, <=, == or !=." },
      ),
    ),
    levels: Type.Optional(
      Type.Object(
        { info: Type.Optional(levelSchema), warning: Type.Optional(levelSchema), critical: Type.Optional(levelSchema) },
        { ...strict, description: "Threshold, reset and delays of up to three levels." },
      ),
    ),
    level: Type.Optional(levelName),
    for: Type.Optional(duration("On-delay of levels that have none of their own.")),
    keep_firing_for: Type.Optional(duration("Off-delay of levels that have none of their own.")),
    no_data: Type.Optional(
      Type.Union([Type.Literal("ok"), Type.Literal("alert"), Type.Literal("keep")], {
        description: "What it means when a series stops: ok (normal, the default), alert, or keep (as it was).",
      }),
    ),
    no_data_after: Type.Optional(
      duration("How long without a sample is silence; default: three times the series' own pace, at least a minute."),
    ),
    interval: Type.Optional(duration("Kept for conditions that are not judged sample by sample; none is so far.")),
    labels: Type.Optional(texts("Labels that the alert gets besides those of the series.", 500)),
    annotations: Type.Optional(texts("Texts for people; `{{ $value }}` and `{{ $labels.room }}` are filled in.", 4000)),
    enabled: Type.Optional(Type.Boolean({ description: "A disabled rule judges nothing. Default: true." })),
    priority: Type.Optional(Type.Integer({ description: "For sorting, 0 first.", minimum: 0, maximum: 1000 })),
    tags: Type.Optional(
      Type.Array(Type.String({ minLength: 1, maxLength: 100 }), { description: "For finding rules.", maxItems: 50 }),
    ),
  },
  strict,
);

export type RuleBody = Static<typeof ruleSchema>;
export type LevelBody = Static<typeof levelSchema>;
