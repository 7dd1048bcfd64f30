import { OTLPLogExporter } from "@opentelemetry/exporter-logs-otlp-http";
import { OTLPMetricExporter } from "@opentelemetry/exporter-metrics-otlp-http";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-http";
import { parseDuration } from "#pkg/config/duration.ts";
import type { OtlpConfig } from "../config.ts";
import type { Telemetry } from "../port.ts";
import type { EndedSpan } from "../span.ts";
import { toLogRecord } from "./logs.ts";
import { toResourceMetrics } from "./metrics.ts";
import { createOrigin } from "./origin.ts";
import { createExportQueue, type ExportQueue } from "./queue.ts";
import { sendWith } from "./send.ts";
import { toReadableSpan } from "./spans.ts";

/** Who sends, what, and who hears of trouble. */
export interface OtlpDeps {
  telemetry: Pick<Telemetry, "collect">;
  origin: { node: string; version: string };
  /** Keeps secrets out of what is sent. */
  scrub(text: string): string;
  onDropped(signal: Signal, count: number): void;
  onProblem(signal: Signal, problem: string | undefined): void;
}

export type Signal = "traces" | "metrics" | "logs";

/** The way to one collector. */
export interface Otlp {
  span(span: EndedSpan): void;
  /** A line of the log, JSON, without secrets. */
  line(line: string): void;
  /** Spans and lines that wait. */
  waiting(): { traces: number; logs: number };
  /** Sends what waits, for two seconds at most. */
  close(): Promise<void>;
}

const attemptTimeoutMs = 3000;
const closeWithinMs = 2000;

/** Opens the way to `config.endpoint`. This module brings OpenTelemetry with it: load it only when something is sent. */
export function openOtlp(config: OtlpConfig, deps: OtlpDeps): Otlp {
  const origin = createOrigin(deps.origin);
  const to = (signal: Signal) => {
    const url = `${config.endpoint.replace(/\/+$/, "")}/v1/${signal}`;
    return { url, headers: config.headers, timeoutMillis: attemptTimeoutMs };
  };
  const queueFor = <T>(signal: Signal, send: (batch: readonly T[]) => Promise<void>): ExportQueue<T> =>
    createExportQueue({
      send,
      onDropped: (count) => deps.onDropped(signal, count),
      onProblem: (problem) => deps.onProblem(signal, problem),
    });
  const sendSpans = sendWith(new OTLPTraceExporter(to("traces")), to("traces").url);
  const spans = queueFor<EndedSpan>("traces", (batch) =>
    sendSpans(batch.map((span) => toReadableSpan(span, origin, deps.scrub))),
  );
  const sendLines = sendWith(new OTLPLogExporter(to("logs")), to("logs").url);
  const lines = queueFor<string>("logs", (batch) => sendLines(batch.map((line) => toLogRecord(line, origin))));
  const sendMetrics = sendWith(new OTLPMetricExporter(to("metrics")), to("metrics").url);
  const stopMetrics = config.metrics
    ? repeat(parseDuration(config.interval), async () => {
        const times = { sinceMs: performance.timeOrigin, nowMs: Date.now() };
        await sendMetrics(toResourceMetrics(await deps.telemetry.collect(), origin, times)).then(
          () => deps.onProblem("metrics", undefined),
          (error: Error) => deps.onProblem("metrics", error.message), // the next answer holds all of this one
        );
      })
    : async () => undefined;
  return {
    span: (span) => config.traces && spans.push(span),
    line: (line) => config.logs && lines.push(line),
    waiting: () => ({ traces: spans.waiting(), logs: lines.waiting() }),
    close: () => within(closeWithinMs, Promise.all([stopMetrics(), spans.close(), lines.close()])),
  };
}

/** `work` every `intervalMs`, and once more at the end. */
function repeat(intervalMs: number, work: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> = Promise.resolve();
  const timer = setInterval(() => {
    running = running.then(work);
  }, intervalMs);
  timer.unref();
  return async () => {
    clearInterval(timer);
    await running.then(work);
  };
}

async function within(ms: number, work: Promise<unknown>): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, ms);
  await Promise.race([work, promise]);
  clearTimeout(timer);
}
