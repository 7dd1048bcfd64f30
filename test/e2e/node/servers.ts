import { hasInfluxDb, openInfluxDb } from "#test/fixtures/influxdb.ts";
import { hasMariaDb, type MariaDbPlace, openMariaDb } from "#test/fixtures/mariadb.ts";
import { hasRedis, openRedis } from "#test/fixtures/redis.ts";
import { hasVictoriaMetrics, openVictoriaMetrics } from "#test/fixtures/victoria-metrics.ts";

/** Whether all servers that a node can stand on can be started here. */
export const hasServers = hasMariaDb && hasRedis && hasVictoriaMetrics && hasInfluxDb;

/** Title of tests that need them. */
export const withServers = (title: string) =>
  `${title} (needs MariaDB, Redis, VictoriaMetrics and InfluxDB: sudo apt-get install mariadb-server redis-server victoria-metrics influxdb)`;

/** TOML of a node whose records are on MariaDB, and whose events and cache go over Redis. */
export function sharedConfig({ port, user, password, database }: MariaDbPlace, redisUrl: string): string {
  return `[storage.sql]
adapter = "mysql"
port = ${port}
user = "${user}"
password = "${password}"
database = "${database}"
[bus]
adapter = "redis"
redis = { url = "${redisUrl}/0" }
[cache]
adapter = "redis"
redis = { url = "${redisUrl}/1" }
`;
}

/** All servers that a node can stand on, real ones. */
export async function openServers() {
  const [mariadb, redis, victoria, influx] = await Promise.all([
    openMariaDb(),
    openRedis(),
    openVictoriaMetrics(),
    openInfluxDb(),
  ]);
  await influx.query("create database site");
  const place = await mariadb.makeDatabase("whole");
  return {
    ...{ mariadb, redis, victoria, influx },
    /** TOML that chooses all of them. */
    config: `${sharedConfig(place, redis.url)}
[[storage.metrics.stores]]
name = "vm1"
type = "victoriametrics"
url = "${victoria.url}"
[[storage.metrics.stores]]
name = "plant"
type = "influxdb_v1"
url = "${influx.url}"
database = "site"
`,
    /** `device value` of each sample of `x_load` that VictoriaMetrics has. */
    async inVictoria(): Promise<Set<string>> {
      const answer = await fetch(`${victoria.url}/api/v1/export?match[]=x_load`);
      const lines = (await answer.text()).split("\n").filter((line) => line !== "");
      const series = lines.map((line) => JSON.parse(line) as { metric: { device: string }; values: number[] });
      return new Set(series.flatMap(({ metric, values }) => values.map((value) => `${metric.device} ${value}`)));
    },
    /** The same of InfluxDB. */
    async inInflux(): Promise<Set<string>> {
      // The shape of its own answer, asked for by us.
      const answer = (await influx.query("select load from x group by device", "site")) as {
        results: { series?: { tags: { device: string }; values: [number, number][] }[] }[];
      };
      const series = answer.results[0]?.series ?? [];
      return new Set(series.flatMap(({ tags, values }) => values.map(([, value]) => `${tags.device} ${value}`)));
    },
    close: async () => void (await Promise.all([mariadb, redis, victoria, influx].map((server) => server.close()))),
  };
}

export type Servers = Awaited<ReturnType<typeof openServers>>;
