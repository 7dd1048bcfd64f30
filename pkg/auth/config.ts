import { type Static, Type } from "typebox";
import { durationPattern } from "#pkg/config/duration.ts";

/** `[auth]`: how long a log-in holds. */
export const authConfig = Type.Object(
  {
    session_idle: Type.String({
      description: "A session ends when it was not used for so long.",
      default: "12h",
      pattern: durationPattern,
    }),
    session_max: Type.String({
      description: "A session ends so long after the log-in, used or not.",
      default: "7d",
      pattern: durationPattern,
    }),
  },
  { additionalProperties: false },
);

export type AuthConfig = Static<typeof authConfig>;
