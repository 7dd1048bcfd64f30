import { type Static, Type } from "typebox";
import { durationPattern } from "#pkg/config/duration.ts";

/** `[storage.metrics]`: the embedded time-series store. */
export const metricsConfig = Type.Object(
  {
    retention: Type.String({
      description: 'How long samples are kept, in whole days of UTC; older ones are refused. "none" keeps all.',
      default: "400d",
      pattern: `${durationPattern}|^none$`,
    }),
    series_limit: Type.Integer({
      description: "Most series the store takes; a tag whose value changes all the time would fill it.",
      default: 1_000_000,
      minimum: 1000,
    }),
  },
  { additionalProperties: false, description: "The embedded time-series store.", default: {} },
);

export type MetricsConfig = Static<typeof metricsConfig>;
