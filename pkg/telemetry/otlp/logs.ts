import { SeverityNumber } from "@opentelemetry/api";
import type { ReadableLogRecord } from "@opentelemetry/sdk-logs";
import type { Origin } from "./origin.ts";
import { toHrTime } from "./time.ts";

const severities: Record<string, SeverityNumber> = {
  trace: SeverityNumber.TRACE,
  debug: SeverityNumber.DEBUG,
  info: SeverityNumber.INFO,
  warn: SeverityNumber.WARN,
  error: SeverityNumber.ERROR,
  fatal: SeverityNumber.FATAL,
};

/** A line of our log as OpenTelemetry's exporters take it, inside the trace in which it was written. */
export function toLogRecord(line: string, { resource, scope }: Origin): ReadableLogRecord {
  // Our own logger has written it.
  const { level, time, msg, trace_id, span_id, ...fields } = JSON.parse(line) as Record<string, unknown>;
  const at = toHrTime(Date.parse(String(time)));
  return {
    hrTime: at,
    hrTimeObserved: at,
    ...(trace_id !== undefined && {
      spanContext: { traceId: String(trace_id), spanId: String(span_id), traceFlags: 0 },
    }),
    severityText: String(level),
    severityNumber: severities[String(level)] ?? SeverityNumber.UNSPECIFIED,
    body: String(msg),
    resource,
    instrumentationScope: scope,
    attributes: Object.fromEntries(Object.entries(fields).flatMap(toAttributes)),
    droppedAttributesCount: 0,
  };
}

type Pair = [name: string, value: string | number | boolean];

/** An error under the names that OpenTelemetry has for it; other objects as JSON. */
function toAttributes([name, value]: [string, unknown]): Pair[] {
  if (typeof value === "string" || typeof value === "number" || typeof value === "boolean") return [[name, value]];
  if (value === null || value === undefined) return [];
  const whole: Pair = [name, JSON.stringify(value)];
  if (name !== "error" && name !== "err") return [whole];
  const { message, code, stack } = value as { message?: string; code?: string; stack?: string[] };
  return [
    whole,
    ["exception.message", message ?? ""],
    ["exception.type", code ?? "internal"],
    ["exception.stacktrace", (stack ?? []).join("\n")],
  ];
}
