/** One number that the node tells of itself. */
export interface Gauge {
  /** By Prometheus' rules: base units, `_total` for counters. */
  name: string;
  help: string;
  type: "gauge" | "counter";
  /** Names of the labels that `read` gives; none when absent. */
  labels?: readonly string[];
  /** Read when somebody asks: one number, or one for each label set. */
  read(): GaugeReading | Promise<GaugeReading>;
}

/** One value, or one for each label set. */
export type GaugeReading = number | readonly { labels: Readonly<Record<string, string>>; value: number }[];

/** Metrics of the node itself, in the Prometheus text format at `/metrics`. */
export interface Telemetry {
  /** Throws on a name that is there already, and once `text` was asked. */
  add(gauge: Gauge): void;
  text(): Promise<{ contentType: string; body: string }>;
}
