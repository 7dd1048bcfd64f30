import { isDeepStrictEqual } from "node:util";
import type { Logger, NodeLogger } from "#pkg/logger/port.ts";
import type { OtlpConfig } from "./config.ts";
import type { Otlp, Signal } from "./otlp/open.ts";
import type { NodeTelemetry } from "./telemetry.ts";

export interface ExportingDeps {
  telemetry: NodeTelemetry;
  log: Logger & Pick<NodeLogger, "forward">;
  origin: { node: string; version: string };
  scrub(text: string): string;
}

/** Sends traces, metrics and logs to a collector, or does not. */
export interface Exporting {
  /** Takes over another configuration while running. OpenTelemetry is loaded by the first that has an endpoint. */
  apply(config: OtlpConfig): Promise<void>;
  /** "degraded" while the collector does not take what is sent, or its endpoint is no URL. */
  health(): { status: "ok" | "degraded"; detail: string };
  close(): Promise<void>;
}

/** Starts with nothing sent. While the collector is away a bounded number waits and the rest is dropped and counted. */
export function createExporting({ telemetry, log, origin, scrub }: ExportingDeps): Exporting {
  const dropped = telemetry.counter({
    name: "detectviz_telemetry_dropped_total",
    help: "Spans and log lines that the collector will never get.",
    labels: ["signal"],
  });
  const problems = new Map<Signal, string>();
  let current: OtlpConfig | undefined;
  let otlp: Otlp | undefined;
  telemetry.add({
    name: "detectviz_telemetry_waiting",
    help: "Spans and log lines on their way to the collector; at 2048 the next are dropped.",
    type: "gauge",
    labels: ["signal"],
    read: () => Object.entries(otlp?.waiting() ?? {}).map(([signal, value]) => ({ labels: { signal }, value })),
  });

  const onProblem = (signal: Signal, problem: string | undefined) => {
    const before = problems.get(signal);
    if (problem === before) return;
    if (problem === undefined) problems.delete(signal);
    else problems.set(signal, problem);
    if (problem === undefined) log.info({ signal }, "the collector takes telemetry again");
    else if (before === undefined) log.warn({ signal, error: problem }, "the collector does not take telemetry");
  };
  const stop = async () => {
    telemetry.setSampling(0);
    telemetry.onEnd(undefined);
    log.forward(undefined);
    await otlp?.close();
    otlp = undefined;
    problems.clear();
  };
  const start = async (config: OtlpConfig) => {
    if (!URL.canParse(config.endpoint)) {
      // Only telemetry is wrong: all else runs, and health says it.
      log.warn({ endpoint: config.endpoint }, "[telemetry.otlp] endpoint is no URL: no telemetry is sent");
      return;
    }
    const { openOtlp } = await import("./otlp/open.ts");
    const onDropped = (signal: Signal, count: number) => dropped.add(count, { signal });
    otlp = openOtlp(config, { telemetry, origin, scrub, onDropped, onProblem });
    telemetry.setSampling(config.traces ? config.sampling : 0);
    if (config.traces) telemetry.onEnd(otlp.span);
    if (config.logs) log.forward(otlp.line);
  };
  return {
    async apply(config) {
      if (isDeepStrictEqual(config, current)) return;
      current = config;
      await stop();
      if (config.endpoint !== "") await start(config);
    },
    health: () => healthOf(current, [...problems.values()], otlp),
    close: stop,
  };
}

function healthOf(config: OtlpConfig | undefined, problems: readonly string[], otlp: Otlp | undefined) {
  if (config && config.endpoint !== "" && !otlp) {
    const detail = `"${config.endpoint}" is no URL; mend [telemetry.otlp] endpoint, for example "http://127.0.0.1:4318"`;
    return { status: "degraded", detail } as const;
  }
  if (!config || !otlp) return { status: "ok", detail: "kept here: [telemetry.otlp] has no endpoint" } as const;
  if (problems.length === 0) return { status: "ok", detail: `sent to ${config.endpoint}` } as const;
  const { traces, logs } = otlp.waiting();
  const detail = `${problems.join("; ")}; ${traces} spans and ${logs} log lines wait; mend [telemetry.otlp] or the collector`;
  return { status: "degraded", detail } as const;
}
