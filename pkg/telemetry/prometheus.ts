import type { Counter as PromCounter, Gauge as PromGauge, Registry } from "prom-client";
import type { Gauge, Telemetry } from "./port.ts";

type PromClient = typeof import("prom-client");

/**
 * Telemetry as Prometheus text, with the process' own CPU, memory and event loop. Nothing is computed, nor the library
 * loaded, until somebody asks for the first time.
 */
export function createPrometheusTelemetry(): Telemetry {
  const gauges = new Map<string, Gauge>();
  let opening: Promise<Registry> | undefined;
  const open = async () => {
    const client = await import("prom-client");
    const registry = new client.Registry();
    client.collectDefaultMetrics({ register: registry });
    for (const gauge of gauges.values()) registerOne(client, registry, gauge);
    return registry;
  };
  return {
    add(gauge) {
      if (gauges.has(gauge.name)) throw new Error(`the metric ${gauge.name} has already been registered`);
      if (opening) throw new Error(`the metric ${gauge.name} comes after the first question`);
      gauges.set(gauge.name, gauge);
    },
    async text() {
      opening ??= open();
      const registry = await opening;
      return { contentType: registry.contentType, body: await registry.metrics() };
    },
  };
}

function registerOne(client: PromClient, registry: Registry, { name, help, type, labels, read }: Gauge): void {
  const Kind = type === "counter" ? client.Counter : client.Gauge;
  const metric: PromGauge | PromCounter = new Kind({
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
