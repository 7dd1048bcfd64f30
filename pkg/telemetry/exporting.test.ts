import { Value } from "typebox/value";
import { describe, expect, it } from "vitest";
import { silentLogger } from "#pkg/logger/logger.ts";
import { otlpConfig } from "./config.ts";
import { createExporting } from "./exporting.ts";
import { createTelemetry } from "./telemetry.ts";

describe("an endpoint that is no URL", () => {
  it.each(["http://127.0.0.1:99999", "http://exa mple:1", "http://"])(
    "stops nothing, and health names place and mend: %s",
    async (endpoint) => {
      const log = { ...silentLogger, forward: () => {} };
      const origin = { node: "n", version: "1" };
      const exporting = createExporting({ telemetry: createTelemetry(() => {}), log, origin, scrub: (text) => text });
      const config = Value.Parse(otlpConfig, Value.Default(otlpConfig, { endpoint }));
      await exporting.apply(config);
      expect(exporting.health()).toEqual({
        status: "degraded",
        detail: `"${endpoint}" is no URL; mend [telemetry.otlp] endpoint, for example "http://127.0.0.1:4318"`,
      });
      await exporting.apply({ ...config, endpoint: "" });
      expect(exporting.health().status).toBe("ok");
      await exporting.close();
    },
  );
});
