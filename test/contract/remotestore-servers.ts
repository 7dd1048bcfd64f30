import type { RemoteStoreConfig } from "#pkg/metricstores/config.ts";
import { hasInfluxDb, openInfluxDb, withInfluxDb } from "#test/fixtures/influxdb.ts";
import { storeConfig } from "#test/fixtures/metric-stores.ts";
import { hasPrometheus, openPrometheus, withPrometheus } from "#test/fixtures/prometheus.ts";
import type { RealServer } from "#test/fixtures/server.ts";
import { hasVictoriaMetrics, openVictoriaMetrics, withVictoriaMetrics } from "#test/fixtures/victoria-metrics.ts";

/** A sample as a server answers it: `measurement_field{labels}`, UTC ms, value as it prints it. */
export type Answered = readonly [series: string, timeMs: number, value: string];

/** A real server with what the suite asks of it. */
export interface StoreServer extends RealServer {
  config: RemoteStoreConfig;
  /** Everything it holds of a measurement, ascending by series and time. */
  answer(measurement: string): Promise<Answered[]>;
  /** Makes what the configuration names, once the server is empty. */
  prepare(): Promise<void>;
}

export interface StoreKind {
  title: string;
  isHere: boolean;
  /** It acknowledges before its disk has it. */
  forgets?: boolean;
  /** It speaks only the half of the API that writes. */
  isMute?: boolean;
  /** It takes no sample older than the newest of its series. */
  isOrdered?: boolean;
  /** What becomes of texts. */
  text: "kept" | "left out" | "zero";
  keepsBits: boolean;
  open(): Promise<StoreServer>;
}

export const storeKinds: readonly StoreKind[] = [
  {
    title: withInfluxDb("InfluxDB, v1 API"),
    ...{ isHere: hasInfluxDb, text: "kept", keepsBits: true },
    async open() {
      const server = await openInfluxDb();
      const prepare = async () => void (await server.query('create database "site"'));
      await prepare();
      const config = storeConfig({ type: "influxdb_v1", url: server.url, database: "site" });
      return { ...server, config, prepare, answer: (measurement) => askInfluxDb(server.url, measurement) };
    },
  },
  {
    title: withVictoriaMetrics("VictoriaMetrics"),
    forgets: true,
    ...{ isHere: hasVictoriaMetrics, text: "left out", keepsBits: false },
    async open() {
      const server = await openVictoriaMetrics();
      const config = storeConfig({ type: "victoriametrics", url: server.url });
      return {
        ...server,
        config,
        prepare: async () => {},
        answer: (measurement) => exportAll(server.url, measurement),
      };
    },
  },
  {
    title: withVictoriaMetrics("the v2 write API, at VictoriaMetrics"),
    ...{ isMute: true, forgets: true },
    ...{ isHere: hasVictoriaMetrics, text: "zero", keepsBits: false },
    async open() {
      const server = await openVictoriaMetrics();
      const config = storeConfig({ type: "influxdb_v2", url: server.url, bucket: "site", org: "plant" });
      return {
        ...server,
        config,
        prepare: async () => {},
        answer: (measurement) => exportAll(server.url, measurement),
      };
    },
  },
  {
    title: withPrometheus("Prometheus"),
    isOrdered: true,
    ...{ isHere: hasPrometheus, text: "left out", keepsBits: false },
    async open() {
      const server = await openPrometheus();
      const config = storeConfig({ type: "prometheus", url: server.url });
      return {
        ...server,
        config,
        prepare: async () => {},
        answer: (measurement) => askPrometheus(server.url, measurement),
      };
    },
  },
];

const inOrder = (found: Answered[]) => found.sort((a, b) => (a[0] === b[0] ? a[1] - b[1] : a[0] < b[0] ? -1 : 1));

/** Labels as text, without those that a server adds by itself. */
function toSeriesText({ __name__, db, ...labels }: Record<string, string>): string {
  const sorted = Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1));
  return `${__name__}${JSON.stringify(Object.fromEntries(sorted))}`;
}

/** VictoriaMetrics keeps a sample that was sent twice twice, until its deduplication is switched on. */
async function exportAll(url: string, measurement: string): Promise<Answered[]> {
  await fetch(`${url}/internal/force_flush`);
  const selector = `{__name__=~"${measurement}_.*"}`;
  const answer = await fetch(`${url}/api/v1/export?${new URLSearchParams({ "match[]": selector })}`);
  const lines = (await answer.text()).split("\n").filter(Boolean);
  const series = lines.map(
    (line) => JSON.parse(line) as { metric: Record<string, string>; values: number[]; timestamps: number[] },
  );
  const all = series.flatMap(({ metric, values, timestamps }) =>
    timestamps.map((timeMs, i): Answered => [toSeriesText(metric), timeMs, String(values[i])]),
  );
  return inOrder([...new Map(all.map((one) => [JSON.stringify(one), one])).values()]);
}

async function askPrometheus(url: string, measurement: string): Promise<Answered[]> {
  const time = String(Date.now() / 1000 + 86_400);
  const query = `{__name__=~"${measurement}_.*"}[30d]`;
  const answer = await fetch(`${url}/api/v1/query`, { method: "POST", body: new URLSearchParams({ query, time }) });
  const { data } = (await answer.json()) as {
    data: { result: { metric: Record<string, string>; values: [number, string][] }[] };
  };
  return inOrder(
    data.result.flatMap(({ metric, values }) =>
      values.map(
        ([seconds, value]): Answered => [toSeriesText(metric), Math.round(seconds * 1000), String(Number(value))],
      ),
    ),
  );
}

type InfluxSeries = { tags?: Record<string, string>; columns: string[]; values: unknown[][] };

/** Integers are taken from the text of the answer: JSON numbers would lose their last digits. */
async function askInfluxDb(url: string, measurement: string): Promise<Answered[]> {
  const query = { q: `SELECT * FROM "${measurement}" GROUP BY *`, db: "site", epoch: "ms" };
  const text = await (await fetch(`${url}/query?${new URLSearchParams(query)}`)).text();
  const exact = text.replace(/([[,])(-?\d{16,})(?=[,\]])/g, '$1"$2"');
  const { results } = JSON.parse(exact) as { results: { series?: InfluxSeries[] }[] };
  const found: Answered[] = [];
  for (const { tags = {}, columns, values } of results[0]?.series ?? []) {
    const kept = Object.fromEntries(Object.entries(tags).filter(([, value]) => value !== ""));
    for (const [timeMs, ...fields] of values) {
      fields.forEach((value, i) => {
        if (value === null) return;
        found.push([
          toSeriesText({ __name__: `${measurement}_${columns[i + 1]}`, ...kept }),
          Number(timeMs),
          String(value),
        ]);
      });
    }
  }
  return inOrder(found);
}
