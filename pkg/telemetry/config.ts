import { type Static, Type } from "typebox";
import { durationPattern } from "#pkg/config/duration.ts";

const strict = { additionalProperties: false, default: {} };

/** `[telemetry.otlp]`. All of it can change while the node runs. */
export const otlpConfig = Type.Object(
  {
    endpoint: Type.String({
      description:
        'Address of an OpenTelemetry Collector that takes OTLP over HTTP, for example "http://127.0.0.1:4318"; empty: nothing is sent.',
      default: "",
      pattern: "^$|^https?://",
    }),
    headers: Type.Record(Type.String(), Type.String({ secret: true }), {
      description: 'Sent with each request, for example { authorization = "secret://collector" }.',
      default: {},
    }),
    traces: Type.Boolean({ description: "Send traces.", default: true }),
    metrics: Type.Boolean({ description: "Send what /metrics shows.", default: true }),
    logs: Type.Boolean({ description: "Send log lines; they go to stdout all the same.", default: true }),
    sampling: Type.Number({
      description: "Share of the traces that begin here which are sent; those of callers keep their own decision.",
      default: 1,
      minimum: 0,
      maximum: 1,
    }),
    interval: Type.String({ description: "How often metrics are sent.", default: "15s", pattern: durationPattern }),
  },
  { ...strict, description: "Traces, metrics and logs to an OpenTelemetry Collector." },
);

/** `[telemetry]`. */
export const telemetryConfig = Type.Object(
  {
    log_level: Type.Union(
      [Type.Literal("trace"), Type.Literal("debug"), Type.Literal("info"), Type.Literal("warn"), Type.Literal("error")],
      {
        description: "Mildest log lines that are written to stdout.",
        default: "info",
        withoutSecrets: "this is read before the secrets can be opened",
      },
    ),
    otlp: otlpConfig,
  },
  strict,
);

export type OtlpConfig = Static<typeof otlpConfig>;
