import { type Static, Type } from "typebox";
import { durationPattern } from "#pkg/config/duration.ts";

const sizePattern = "^\\d+(KB|MB|GB)$";

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

const unitBytes: Record<string, number> = { KB: 1024, MB: 1024 ** 2, GB: 1024 ** 3 };

/** Bytes of a size such as `32MB` (1 MB is 1,048,576 bytes), for text that the schema has checked. */
export function parseSize(text: string): number {
  const match = /^(\d+)(KB|MB|GB)$/.exec(text);
  const unit = unitBytes[match?.[2] ?? ""];
  if (!match || unit === undefined) throw new RangeError(`"${text}" is no size; write for example "32MB"`);
  return Number(match[1]) * unit;
}
