import { describe, expect, it } from "vitest";
import { createPrometheusTelemetry } from "./prometheus.ts";

describe("telemetry as Prometheus text", () => {
  it("reads each number when asked, with its labels escaped", async () => {
    const telemetry = createPrometheusTelemetry();
    let queue = 3;
    telemetry.add({ name: "detectviz_queue_bytes", help: "Queue.", type: "gauge", read: () => queue });
    telemetry.add({
      name: "detectviz_bus_lag",
      help: "Lag.",
      type: "gauge",
      labels: ["group"],
      read: () => [{ labels: { group: 'no"tify' }, value: 2 }],
    });
    expect((await telemetry.text()).body).toContain("detectviz_queue_bytes 3");
    queue = 5;
    const { body } = await telemetry.text();
    expect(body).toContain("detectviz_queue_bytes 5");
    expect(body).toContain('detectviz_bus_lag{group="no\\"tify"} 2');
  });

  it("refuses a name once the numbers were asked for", async () => {
    const telemetry = createPrometheusTelemetry();
    await telemetry.text();
    expect(() => telemetry.add({ name: "a", help: "A.", type: "gauge", read: () => 1 })).toThrow("after the first");
  });

  it("refuses a name twice", () => {
    const telemetry = createPrometheusTelemetry();
    const gauge = { name: "a", help: "A.", type: "gauge", read: () => 1 } as const;
    telemetry.add(gauge);
    expect(() => telemetry.add(gauge)).toThrow("already been registered");
  });
});
