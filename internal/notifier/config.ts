import { type Static, Type } from "typebox";
import { durationPattern } from "#pkg/config/duration.ts";

const duration = (description: string, value: string) =>
  Type.String({ description, default: value, pattern: durationPattern });

/** `[notifier]` */
export const notifierConfig = Type.Object(
  {
    attempt_timeout: duration("how long one attempt may take", "10s"),
    retry_first: duration("pause before the second attempt; it doubles with each further one", "1s"),
    retry_longest: duration("longest pause between two attempts", "5m"),
    give_up_after: duration("a message that could not be delivered for so long is given up", "24h"),
    keep_records: duration("how long delivery records are kept", "400d"),
    concurrency: Type.Integer({
      description: "attempts under way at once to one channel of one contact",
      minimum: 1,
      maximum: 100,
      default: 4,
    }),
    queue_limit: Type.Integer({
      description: "messages that may wait at once; further ones are recorded as suppressed",
      minimum: 1,
      default: 10_000,
    }),
  },
  { description: "how messages are retried", additionalProperties: false, default: {} },
);

export type NotifierConfig = Static<typeof notifierConfig>;
