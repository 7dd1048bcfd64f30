import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { renderTelemetry, telemetryFile } from "../../scripts/telemetry.ts";

it("docs/telemetry.md lists the metrics of a node as they are (node scripts/telemetry.ts)", async () => {
  expect(readFileSync(telemetryFile, "utf8")).toBe(await renderTelemetry());
});
