import { join } from "node:path";

/** One figure, ours beside the peers', by the same load on the same machine. */
export interface BenchCase {
  title: string;
  /** Key of the figure in the JSON line that the load prints; a dot goes deeper. */
  figure: string;
  unit: string;
  better: "higher" | "lower";
  aim: string;
  ours: readonly string[];
  peers: Readonly<Record<string, readonly string[]>>;
}

/** Where things are: the shared loads beside the checkout, the data sets, the checkout. */
export interface BenchPlaces {
  shared: string;
  data: string;
  root: string;
}

/** Every figure by the name of its bench. */
export function toCases(places: BenchPlaces): Record<string, BenchCase[]> {
  return {
    ingest: [ingest(places, 0), ingest(places, 100)],
    latency: [latency(places, "latency_ms.p50", "10 ms"), latency(places, "latency_ms.p99", "25 ms")],
    scan: [scan(places, "secs", "s", "lower", "5.4 s"), scan(places, "found", "devices", "higher", "500")],
  };
}

function python({ shared }: BenchPlaces, script: string, ...args: string[]): string[] {
  return ["/usr/bin/python3", join(shared, script), ...args];
}

function serve({ root }: BenchPlaces): string {
  return `${process.execPath} --disable-warning=ExperimentalWarning ${join(root, "bench/serve.ts")} {dir} {port}`;
}

const readyPath = ["--ready-path", "/api/health"];

function ingest(places: BenchPlaces, rules: number): BenchCase {
  const count = `curl -s http://127.0.0.1:{port}/metrics | awk '/^detectviz_ingest_values_total/ {printf "%d", $2}'`;
  const load = (target: string, ...args: string[]) =>
    python(
      places,
      "ingest.py",
      "--target",
      target,
      "--data",
      join(places.data, "site-10k-wide-500"),
      "--conns",
      "2",
      "--settle",
      "0",
      ...args,
    );
  return {
    title: `ingest, 20-field lines, 2 connections, fsync before 2xx, ${rules} rules on`,
    figure: "accepted_values_per_s",
    unit: "values/s",
    better: "higher",
    aim: "2.5 M/s",
    ours: load(
      "custom",
      "--port",
      "18500",
      ...readyPath,
      "--start",
      `${serve(places)} --rules ${rules}`,
      "--count-cmd",
      count,
    ),
    peers: { "VictoriaMetrics (no fsync)": load("victoriametrics"), "InfluxDB 1.6 (fsync)": load("influxdb") },
  };
}

function latency(places: BenchPlaces, figure: string, aim: string): BenchCase {
  const start = `${serve(places)} {hook}`;
  return {
    title: `threshold crossed → webhook, ${figure.split(".")[1]}`,
    figure,
    unit: "ms",
    better: "lower",
    aim,
    ours: python(
      places,
      "alert_latency.py",
      "--target",
      "custom",
      "--port",
      "18501",
      "--trials",
      "100",
      "--restarts",
      "2",
      ...readyPath,
      "--start",
      start,
    ),
    peers: { "Prometheus + Alertmanager": python(places, "alert_latency.py", "--trials", "20", "--restarts", "2") },
  };
}

function scan(places: BenchPlaces, figure: string, unit: string, better: "higher" | "lower", aim: string): BenchCase {
  const command = `${process.execPath} ${join(places.root, "bin/detectviz.mjs")} scan --once --hosts {hosts} --protocol snmp --unpaced --json`;
  return {
    title: `SNMP sweep of 65,536 loopback addresses, 500 answer: ${figure}`,
    figure,
    unit,
    better,
    aim,
    ours: python(places, "scan.py", "--tool", "custom", "--proto", "snmp", "--count", "65536", "--cmd", command),
    peers: {
      "onesixtyone (finds only)": python(
        places,
        "scan.py",
        "--tool",
        "onesixtyone",
        "--count",
        "65536",
        "--wait-ms",
        "0",
      ),
    },
  };
}
