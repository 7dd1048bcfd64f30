import { type Static, Type } from "typebox";
import { durationPattern } from "#pkg/config/duration.ts";
import { sizePattern } from "#pkg/config/size.ts";

/** `[ingest]`: how samples come in. */
export const ingestConfig = Type.Object(
  {
    auth: Type.Union([Type.Literal("token"), Type.Literal("none")], {
      description: 'Who may write: holders of a token, or with "none" also any program on this machine (loopback).',
      default: "token",
    }),
    max_body: Type.String({
      description: "Largest body, as sent and unpacked. Larger ones are refused with 413.",
      default: "32MB",
      pattern: sizePattern,
    }),
    queue: Type.String({
      description: "Bodies being decoded and written, together; at least max_body. When full, writers get 503.",
      default: "128MB",
      pattern: sizePattern,
    }),
    max_ahead: Type.String({
      description:
        "Samples further ahead of this node's clock are refused: one wrong clock would stop the rules of its series.",
      default: "1d",
      pattern: durationPattern,
    }),
  },
  { additionalProperties: false },
);

export type IngestConfig = Static<typeof ingestConfig>;
