import { Counter, collectDefaultMetrics, Gauge as PromGauge, Registry } from "prom-client";
import type { Gauge, Telemetry } from "./port.ts";

/** Telemetry as Prometheus text, with the process' own CPU, memory and event loop. Nothing is computed until asked. */
export function createPrometheusTelemetry(): Telemetry {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  return {
    add: (gauge) => registerOne(registry, gauge),
    text: async () => ({ contentType: registry.contentType, body: await registry.metrics() }),
  };
}

function registerOne(registry: Registry, { name, help, type, labels, read }: Gauge): void {
  const Kind = type === "counter" ? Counter : PromGauge;
  const metric: PromGauge | Counter = new Kind({
    name,
    help,
    labelNames: [...(labels ?? [])],
    registers: [registry],
    async collect() {
      const answer = await read();
      metric.reset();
      for (const item of typeof answer === "number" ? [{ labels: {}, value: answer }] : answer) {
        metric.inc(item.labels, item.value);
      }
    },
  });
}
