import { describe, expect, it, onTestFinished, vi } from "vitest";
import { createTelemetry } from "./telemetry.ts";

function openTelemetry() {
  const failed: string[] = [];
  const telemetry = createTelemetry((name) => failed.push(name));
  return { telemetry, failed, read: async () => (await telemetry.text()).body };
}

describe("metrics as Prometheus text", () => {
  it("reads each number when asked, with its labels escaped", async () => {
    const { telemetry, read } = openTelemetry();
    let queue = 3;
    telemetry.add({ name: "detectviz_queue_bytes", help: "Queue.", type: "gauge", read: () => queue });
    const labels = ["group"];
    const value = { labels: { group: 'no"ti\\f\ny' }, value: 2 };
    telemetry.add({ name: "detectviz_bus_lag", help: "Lag.", type: "gauge", labels, read: () => [value] });
    expect(await read()).toContain("detectviz_queue_bytes 3\n");
    queue = 5;
    expect(await read()).toContain("detectviz_queue_bytes 5\n");
    expect(await read()).toContain('detectviz_bus_lag{group="no\\"ti\\\\f\\ny"} 2\n');
  });

  it("counts, and refuses to count backwards", async () => {
    const { telemetry, read } = openTelemetry();
    const counter = telemetry.counter({ name: "detectviz_done_total", help: "Done.", labels: ["how"] });
    counter.add(2, { how: "well" });
    counter.add(undefined, { how: "well" });
    expect(await read()).toContain('detectviz_done_total{how="well"} 3\n');
    expect(() => counter.add(-1)).toThrow("cannot grow by -1");
  });

  it("sets gauges, also to what is no number", async () => {
    const { telemetry, read } = openTelemetry();
    const gauge = telemetry.gauge({ name: "detectviz_level_ratio", help: "Level." });
    gauge.set(Number.NEGATIVE_INFINITY);
    expect(await read()).toContain("detectviz_level_ratio -Inf\n");
    gauge.set(Number.NaN);
    expect(await read()).toContain("detectviz_level_ratio NaN\n");
  });

  it("sorts a histogram's values into buckets that hold all below them", async () => {
    const { telemetry, read } = openTelemetry();
    const histogram = telemetry.histogram({ name: "detectviz_wait_seconds", help: "Wait.", bounds: [0.1, 1] });
    for (const value of [0.1, 0.5, 7]) histogram.observe(value);
    expect(await read()).toContain(
      [
        "# TYPE detectviz_wait_seconds histogram",
        'detectviz_wait_seconds_bucket{le="0.1"} 1',
        'detectviz_wait_seconds_bucket{le="1"} 2',
        'detectviz_wait_seconds_bucket{le="+Inf"} 3',
        "detectviz_wait_seconds_sum 7.6",
        "detectviz_wait_seconds_count 3\n",
      ].join("\n"),
    );
  });

  it("keeps 500 label sets, counts the rest together and says how many that were", async () => {
    const { telemetry, read } = openTelemetry();
    const counter = telemetry.counter({ name: "detectviz_calls_total", help: "Calls.", labels: ["who"] });
    for (let who = 0; who < 700; who++) counter.add(1, { who: `caller ${who}` });
    const text = await read();
    expect(text).toContain('detectviz_calls_total{who="other"} 200\n');
    expect(text.match(/^detectviz_calls_total\{/gm)).toHaveLength(501);
    expect(text).toContain("detectviz_telemetry_overflowing_label_sets_total 200\n");
  });

  it("leaves out what cannot be read, tells it, and answers the rest", async () => {
    const { telemetry, failed, read } = openTelemetry();
    const broken = () => Promise.reject(new Error("the database is away"));
    telemetry.add({ name: "detectviz_bus_backlog", help: "Backlog.", type: "gauge", read: broken });
    expect(await read()).not.toContain("detectviz_bus_backlog");
    expect(failed).toEqual(["detectviz_bus_backlog"]);
    expect(await read()).toContain("process_resident_memory_bytes");
  });

  it("waits for no number longer than three seconds", async () => {
    const { telemetry, failed, read } = openTelemetry();
    telemetry.add({
      name: "detectviz_bus_backlog",
      help: "Backlog.",
      type: "gauge",
      read: () => new Promise(() => {}),
    });
    vi.useFakeTimers();
    onTestFinished(() => void vi.useRealTimers());
    const page = read();
    await vi.advanceTimersByTimeAsync(3000);
    expect(await page).toContain("process_resident_memory_bytes");
    expect(failed).toEqual(["detectviz_bus_backlog"]);
  });

  it.each([
    ["a", "gauge", "registered already"],
    ["Queue", "gauge", "lower_snake_case"],
    ["detectviz_calls", "counter", "ends in _total"],
    ["detectviz_calls_total", "gauge", "does not end in _total"],
    ["detectviz_wait_ms", "gauge", "base units"],
    ["detectviz_wait_milliseconds", "gauge", "base units"],
    ["detectviz_call_count", "gauge", "keeps for itself"],
    ["detectviz_call_gauge", "gauge", "keeps for itself"],
  ] as const)("refuses the name %s for a %s", (name, type, why) => {
    const { telemetry } = openTelemetry();
    telemetry.add({ name: "a", help: "A.", type: "gauge", read: () => 1 });
    expect(() => telemetry.add({ name, help: "Help.", type, read: () => 1 })).toThrow(why);
  });

  it("refuses labels that Prometheus keeps for itself, and a metric without help", () => {
    const { telemetry } = openTelemetry();
    expect(() => telemetry.gauge({ name: "a", help: "A.", labels: ["le"] })).toThrow("keeps for itself");
    expect(() => telemetry.gauge({ name: "a", help: "A.", labels: ["Who"] })).toThrow("lower_snake_case");
    expect(() => telemetry.gauge({ name: "a", help: "" })).toThrow("no help");
  });
});
