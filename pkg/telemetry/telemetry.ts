import { createInstruments } from "./instruments.ts";
import type { Telemetry } from "./port.ts";
import { registerProcess } from "./process-metrics.ts";
import { prometheusContentType, toPrometheusText } from "./prometheus-text.ts";
import { createTracer, type OpenTracer } from "./tracer.ts";

/** Telemetry with the outlet for spans. */
export type NodeTelemetry = Telemetry & Pick<OpenTracer, "onEnd">;

/** Metrics and traces of this process. `onFailed` hears of metrics that could not be read. */
export function createTelemetry(onFailed: (name: string, error: unknown) => void): NodeTelemetry {
  const instruments = createInstruments(onFailed);
  registerProcess(instruments);
  return {
    ...createTracer(),
    ...instruments,
    text: async () => ({ contentType: prometheusContentType, body: toPrometheusText(await instruments.collect()) }),
  };
}
