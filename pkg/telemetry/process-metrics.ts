import { readdirSync } from "node:fs";
import { monitorEventLoopDelay } from "node:perf_hooks";
import type { Telemetry } from "./port.ts";

const second = 1e6;
const nanosecondsPerSecond = 1e9;

/** The process' own CPU, memory and event loop, under the names that dashboards for Node know. Nothing is measured until somebody asks. */
export function registerProcess(telemetry: Pick<Telemetry, "add">): void {
  const gauge = (name: string, help: string, read: () => number) => telemetry.add({ name, help, type: "gauge", read });
  const counter = (name: string, help: string, read: () => number) =>
    telemetry.add({ name, help, type: "counter", read });
  counter("process_cpu_seconds_total", "CPU time, user and system.", () => {
    const { user, system } = process.cpuUsage();
    return (user + system) / second;
  });
  gauge("process_start_time_seconds", "When the process started, since 1970.", () => performance.timeOrigin / 1000);
  gauge("process_resident_memory_bytes", "Memory in RAM.", () => process.memoryUsage.rss());
  gauge("process_open_fds", "File descriptors in use.", () => readdirSync("/proc/self/fd").length);
  gauge("nodejs_heap_used_bytes", "JavaScript objects.", () => process.memoryUsage().heapUsed);
  gauge("nodejs_external_memory_bytes", "Buffers outside the JavaScript heap.", () => process.memoryUsage().external);
  const lag = createLagReader();
  gauge(
    "nodejs_eventloop_lag_p99_seconds",
    "99 % of the event loop's delays since the last question were shorter.",
    lag,
  );
}

/** Starts to measure at the first question; each answer covers the time since the one before. */
function createLagReader(): () => number {
  let histogram: ReturnType<typeof monitorEventLoopDelay> | undefined;
  return () => {
    if (!histogram) {
      histogram = monitorEventLoopDelay({ resolution: 20 });
      histogram.enable();
      return 0;
    }
    const lag = histogram.percentile(99) / nanosecondsPerSecond;
    histogram.reset();
    return lag;
  };
}
