import { join } from "node:path";
import { nodeFlags } from "./node.ts";

/** One figure, ours beside the peers', by the same load on the same machine. */
export interface BenchCase {
  title: string;
  /** Key of the figure in the JSON line that the load prints; a dot goes deeper. */
  figure: string;
  unit: string;
  better: "higher" | "lower";
  /** What the figure should reach; undefined where none is set. */
  aim: number | undefined;
  ours: readonly string[];
  peers: Readonly<Record<string, readonly string[]>>;
}

/** Where things are: the shared loads beside the checkout, the data sets, the checkout. */
export interface BenchPlaces {
  shared: string;
  data: string;
  root: string;
}

/** Figures by the name of their bench. */
export function toCases(places: BenchPlaces): Record<string, BenchCase[]> {
  return {
    ingest: ingest(places),
    latency: latency(places),
    scan: scan(places),
    bus: bus(places),
    query: query(places),
  };
}

function python({ shared }: BenchPlaces, script: string, ...args: string[]): string[] {
  return ["/usr/bin/python3", join(shared, script), ...args];
}

/** A node that this command makes for one load; `{dir}`, `{port}` and so on are filled in by the load. */
function serve({ root }: BenchPlaces, ...args: string[]): string[] {
  const command = [process.execPath, ...nodeFlags, join(root, "bench/serve.ts"), "{dir}", "{port}", ...args];
  return ["--ready-path", "/api/health", "--start", command.join(" ")];
}

function ingest(places: BenchPlaces): BenchCase[] {
  const data = join(places.data, "site-10k-wide-500");
  const load = (target: string, ...args: string[]) =>
    python(places, "ingest.py", "--target", target, "--data", data, "--conns", "2", "--settle", "0", ...args);
  const count = `curl -s http://127.0.0.1:{port}/metrics | awk '/^detectviz_ingest_values_total/ {printf "%d", $2}'`;
  const ours = (rules: number) =>
    load("custom", "--port", "18500", "--count-cmd", count, ...serve(places, "--rules", String(rules)));
  const peers = { "VictoriaMetrics (no fsync)": load("victoriametrics"), "InfluxDB 1.6 (fsync)": load("influxdb") };
  const figures = [
    { title: "ingest, 2xx after fsync", figure: "accepted_values_per_s", unit: "values/s", better: "higher", aim: 5e6 },
    { title: "CPU of the server per value", figure: "cpu_us_per_value", unit: "µs", better: "lower", aim: 0.35 },
    { title: "peak memory of the server", figure: "peak_rss_mb", unit: "MB", better: "lower", aim: 250 },
  ] as const;
  return figures.flatMap((one) => [
    { ...one, ours: ours(0), peers },
    { ...one, title: `${one.title}, 100 rules on`, ours: ours(100), peers: {} },
  ]);
}

function latency(places: BenchPlaces): BenchCase[] {
  const load = (...args: string[]) => python(places, "alert_latency.py", "--restarts", "2", ...args);
  const ours = load("--target", "custom", "--port", "18501", "--trials", "100", ...serve(places, "{hook}"));
  const peers = { "Prometheus + Alertmanager": load("--trials", "20") };
  const one = (percentile: string, aim: number): BenchCase => ({
    title: `threshold crossed → webhook, ${percentile}`,
    figure: `latency_ms.${percentile}`,
    unit: "ms",
    better: "lower",
    aim,
    ours,
    peers,
  });
  return [one("p50", 10), one("p99", 25)];
}

function scan(places: BenchPlaces): BenchCase[] {
  const load = (...args: string[]) => python(places, "scan.py", "--count", "65536", ...args);
  // No configuration there: without one a scan may ask loopback only.
  const flags = `--protocol snmp --unpaced --json --config ${join(places.data, "none.conf")}`;
  const command = `${process.execPath} ${join(places.root, "bin/detectviz.mjs")} scan --once --hosts {hosts} ${flags}`;
  const ours = load("--tool", "custom", "--proto", "snmp", "--cmd", command);
  const peers = { "onesixtyone (only finds)": load("--tool", "onesixtyone", "--wait-ms", "0") };
  return [
    {
      title: "SNMP sweep of 65,536 addresses",
      figure: "secs",
      unit: "s",
      better: "lower",
      aim: 5.4,
      ours,
      peers,
    },
    { title: "devices found of 500", figure: "found", unit: "devices", better: "higher", aim: 500, ours, peers },
  ];
}

function bus(places: BenchPlaces): BenchCase[] {
  const run = (kind: string) => [process.execPath, ...nodeFlags, join(places.root, "bench/bus.ts"), kind];
  const streams = ["--mode", "e2e", "--fsync", "always", "--pipe", "500", "--count", "500", "--n", "100000"];
  const one = { figure: "events_per_s", unit: "events/s", better: "higher" } as const;
  const raw = [process.execPath, join(places.shared, "bus.js"), ...streams];
  const peers = { "Redis Streams, appendfsync always": raw };
  const client = { "bare redis package, appendfsync always": run("client") };
  return [
    { ...one, title: "event bus, embedded, 512 B, fsync", aim: 130_000, ours: run("embedded"), peers },
    { ...one, title: "event bus over Redis, records included", aim: undefined, ours: run("redis"), peers: client },
  ];
}

/** The same five questions to ours and to VictoriaMetrics, its cache of answers off. */
function query(places: BenchPlaces): BenchCase[] {
  const data = join(places.data, "site-10k-wide-2160");
  const asked = ["--data", data, "--n", "200", "--n-heavy", "20"];
  // The shared loads know no log-in: serve.ts leaves a token in the folder that query.py makes.
  const wrapper = [join(places.root, "bench/with_token.py"), join(places.data, "query-custom/token")];
  const ours = [
    ...["/usr/bin/python3", ...wrapper, join(places.shared, "query.py"), "--target", "custom", ...asked],
    ...["--port", "18503", "--paths", join(data, "paths.json"), ...serve(places)],
  ];
  const peers = { VictoriaMetrics: python(places, "query.py", "--target", "victoriametrics", ...asked) };
  const one = (title: string, name: string, aim: number): BenchCase => {
    return { title, figure: `queries.${name}.p50`, unit: "ms", better: "lower", aim, ours, peers };
  };
  return [
    one("newest value of 10,000 series, p50", "last_all", 5),
    one("one series, one hour raw, p50", "range_1h", 0.2),
    one("mean by room and minute over 6 h, one field, p50", "room_power", 6),
    one("the same, 20 fields, p50", "room_all", 90),
    {
      title: "disk, 21.6 M values",
      figure: "disk_bytes_per_value",
      unit: "B a value",
      better: "lower",
      aim: 1.2,
      ours,
      peers,
    },
  ];
}
