import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { RemoteStoreConfig } from "#pkg/metricstores/config.ts";
import { openBodyCatch } from "#test/fixtures/body-catch.ts";
import { hasInfluxDb, type InfluxDb, openInfluxDb, withInfluxDb } from "#test/fixtures/influxdb.ts";
import { type Forwarding, openForwarding, storeConfig } from "#test/fixtures/metric-stores.ts";
import { hasPrometheus, openPrometheus, withPrometheus } from "#test/fixtures/prometheus.ts";
import { batchOf } from "#test/fixtures/samples.ts";
import type { RealServer } from "#test/fixtures/server.ts";
import { soon, until } from "#test/fixtures/until.ts";
import { hasVictoriaMetrics, openVictoriaMetrics, withVictoriaMetrics } from "#test/fixtures/victoria-metrics.ts";

const isHere = hasInfluxDb && hasVictoriaMetrics && hasPrometheus;
const title = [withInfluxDb("a wrong choice of store"), withVictoriaMetrics(""), withPrometheus("")].join(" ");

describe.skipIf(!isHere)(title, () => {
  let here: Forwarding;
  let influx: InfluxDb;
  let metrics: RealServer & { url: string };
  let prometheus: RealServer & { url: string };
  beforeAll(async () => {
    [influx, metrics, prometheus] = await Promise.all([
      openInfluxDb({ user: "admin", password: "right" }),
      openVictoriaMetrics({ user: "vm", password: "right" }),
      openPrometheus(),
    ]);
    await influx.query('create database "site"');
  });
  afterAll(() => Promise.all([influx.close(), metrics.close(), prometheus.close()]));
  beforeEach(async () => {
    here = await openForwarding();
  });
  afterEach(() => here.close());

  const check = (config: RemoteStoreConfig) => here.stores.check([config], ([, key]) => `detectviz.conf:7 ${key}`);
  const v1 = (some: Partial<RemoteStoreConfig>) =>
    storeConfig({
      type: "influxdb_v1",
      url: influx.url,
      database: "site",
      username: "admin",
      password: "right",
      ...some,
    });
  const vm = (some: Partial<RemoteStoreConfig>) =>
    storeConfig({ type: "victoriametrics", url: metrics.url, username: "vm", password: "right", ...some });

  it("takes the right ones", async () => {
    await check(v1({}));
    await check(vm({}));
    await check(storeConfig({ type: "prometheus", url: prometheus.url }));
    expect(here.lines.join()).toMatch(/InfluxDB 1\.6.*VictoriaMetrics.*Prometheus \d+\.\d+/s);
    expect(here.lines.join()).not.toContain("right");
  });

  it.each<[string, () => RemoteStoreConfig, RegExp]>([
    [
      "wrong password",
      () => v1({ password: "no" }),
      /conf:7 password: the store "influxdb-v1" at .* refuses the log-in \(401: authorization failed\): give the right username/,
    ],
    [
      "no log-in",
      () => v1({ username: "", password: "" }),
      /conf:7 url: .* refuses the log-in .*: give username and password/,
    ],
    [
      "wrong database",
      () => v1({ database: "sight" }),
      /conf:7 database: .* no database "sight" .*: make it \(CREATE DATABASE "sight"\), or name one of: site/,
    ],
    [
      "an API that is too new for it",
      () => v1({ type: "influxdb_v2", bucket: "site", org: "x" }),
      /conf:7 type: .*it is InfluxDB 1\.6.*: write type = "influxdb_v1": its v2 API came with 1\.8/,
    ],
    ["a v3 that is a v1", () => v1({ type: "influxdb_v3" }), /it is InfluxDB 1\.6.*: write type = "influxdb_v1"/],
    [
      "Prometheus for InfluxDB",
      () => v1({ url: prometheus.url }),
      /conf:7 type: .* no InfluxDB with the v1 API: correct type or url/,
    ],
    ["VictoriaMetrics for InfluxDB", () => v1({ url: metrics.url }), /no InfluxDB with the v1 API/],
    [
      "InfluxDB for Prometheus",
      () => v1({ type: "prometheus" }),
      /conf:7 type: .*it is an InfluxDB: correct type or url/,
    ],
    [
      "VictoriaMetrics for Prometheus",
      () => vm({ type: "prometheus" }),
      /it is VictoriaMetrics: write type = "victoriametrics"/,
    ],
    [
      "Prometheus for VictoriaMetrics",
      () => vm({ url: prometheus.url }),
      /it is Prometheus: write type = "prometheus"/,
    ],
    [
      "a wrong path",
      () => storeConfig({ type: "prometheus", url: `${prometheus.url}/else` }),
      /conf:7 url: .* no build information .*: correct url or type/,
    ],
    ["VictoriaMetrics' wrong password", () => vm({ password: "no" }), /conf:7 password: .* refuses the log-in/],
  ])("refuses %s with place and mend", async (_, config, words) => {
    await expect(check(config())).rejects.toThrow(words);
  });

  it("names the switch that Prometheus was started without", async () => {
    const info = '{"status":"success","data":{"version":"2.42.0","goVersion":"go1.19"}}';
    const server = await openBodyCatch(({ path }) =>
      path.endsWith("buildinfo")
        ? { status: 200, body: info }
        : { status: 404, body: "remote write receiver needs to be enabled" },
    );
    const found = check(storeConfig({ type: "prometheus", url: server.url }));
    await expect(found).rejects.toThrow(/takes no remote writes .*: start it with --web.enable-remote-write-receiver/);
    await server.close();
  });

  it("goes on with a store that worked before and now says no, and heals", async () => {
    const config = v1({});
    await here.stores.apply([config]);
    const id = here.source.catalogue.intern("pdu", [], "n", "float");
    await here.source.append(batchOf([id, Date.now(), 1]));
    await until(() => here.stores.stats()[0]?.sent === 1);
    await here.restart();
    await influx.query("set password for \"admin\" = 'other'");
    await check(config);
    await here.stores.apply([config]);
    await here.source.append(batchOf([id, Date.now(), 2]));
    await soon(() =>
      expect(here.stores.health()).toMatchObject({
        status: "degraded",
        detail: expect.stringContaining("authorization failed"),
      }),
    );
    expect(here.lines.join("\n")).toMatch(/a metric store says no.*conf:7 password/);
    await here.stores.apply([v1({ password: "other" })]);
    await until(() => here.stores.stats()[0]?.sent === 2);
    await until(() => here.stores.health().status === "ok");
  });
});
