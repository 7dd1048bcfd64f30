import type { Telemetry } from "../port.ts";

/** Notes how long statements take, by their first word; `commit` is where the disk is waited for. */
export function timeStatements(telemetry: Pick<Telemetry, "histogram">): (kind: string, tookMs: number) => void {
  const duration = telemetry.histogram({
    name: "detectviz_sql_statement_duration_seconds",
    help: "One statement, with its way to the server and back.",
    labels: ["kind"],
    bounds: [0.0001, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
  });
  return (kind, tookMs) => duration.observe(tookMs / 1000, { kind });
}
