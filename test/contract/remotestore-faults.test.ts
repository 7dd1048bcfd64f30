import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { RemoteStoreConfig } from "#pkg/metricstores/config.ts";
import { openBodyCatch } from "#test/fixtures/body-catch.ts";
import { type Forwarding, openForwarding, storeConfig } from "#test/fixtures/metric-stores.ts";
import { freePort } from "#test/fixtures/ports.ts";
import { readRemoteWrite } from "#test/fixtures/remote-write.ts";
import { batchOf } from "#test/fixtures/samples.ts";
import { soon, until } from "#test/fixtures/until.ts";

let here: Forwarding;
const ends: (() => Promise<void>)[] = [];
const t0 = Math.floor(Date.now() / 1000) * 1000 - 600_000;

beforeEach(async () => {
  here = await openForwarding();
});
afterEach(async () => {
  await here.close();
  for (const end of ends.splice(0)) await end();
});
const openCatch = async (...[answer]: Parameters<typeof openBodyCatch>) => {
  const server = await openBodyCatch(answer);
  ends.push(server.close);
  return server;
};
const series = (field = "n") => here.source.catalogue.intern("pdu", [["room", "R1"]], field, "float");
const append = (from: number, to: number, field = "n") =>
  here.source.append(
    batchOf(...Array.from({ length: to - from }, (_, i) => [series(field), t0 + (from + i) * 1000, from + i] as const)),
  );
const statsOf = (name: string) => here.stores.stats().find((one) => one.name === name) ?? expect.fail(`no ${name}`);
const linesOf = (body: Buffer) => gunzipSync(body).toString().split("\n").filter(Boolean);
const check = (...configs: RemoteStoreConfig[]) =>
  here.stores.check(configs, (path) => `detectviz.conf [${path.join(".")}]`);

describe("what goes over the wire", () => {
  it("is remote write with sorted labels and ascending times, for Mimir with its tenant", async () => {
    const server = await openCatch(() => ({ status: 200 }));
    await here.stores.apply([
      storeConfig({ type: "mimir", url: `${server.url}/gateway`, tenant: "plant-7", token: "s3cret" }),
    ]);
    const [b, a] = [series("b"), series("a")];
    await here.source.append(batchOf([b, t0 + 2000, 3], [a, t0, 9.5], [b, t0, 1], [b, t0 + 2000, 4]));
    const [request] = await until(() => (server.requests.length > 0 ? server.requests : undefined));
    expect(request).toMatchObject({
      path: "/gateway/api/v1/push",
      headers: { "x-scope-orgid": "plant-7", authorization: "Bearer s3cret", "content-encoding": "snappy" },
    });
    expect(readRemoteWrite(request?.body ?? Buffer.of())).toEqual([
      {
        labels: [
          ["__name__", "pdu_b"],
          ["room", "R1"],
        ],
        samples: [
          [t0, 1],
          [t0 + 2000, 4],
        ],
      },
      {
        labels: [
          ["__name__", "pdu_a"],
          ["room", "R1"],
        ],
        samples: [[t0, 9.5]],
      },
    ]);
  });

  it("is zipped line protocol to the v2 API, fields of one time in one line", async () => {
    const server = await openCatch(() => ({ status: 204 }));
    const config = storeConfig({
      type: "influxdb_v2",
      url: server.url,
      org: "plant 7",
      bucket: "site",
      token: "t0ken",
    });
    await here.stores.apply([config]);
    const odd = here.source.catalogue.intern("pdu", [["room", "a\nb"]], "n", "float");
    await here.source.append(
      batchOf([series("a"), t0, 1], [series("b"), t0, 2], [series("a"), t0 + 1, 3], [odd, t0, 1]),
    );
    const [request] = await until(() => (server.requests.length > 0 ? server.requests : undefined));
    expect(request).toMatchObject({
      path: "/api/v2/write?bucket=site&org=plant+7&precision=ms",
      headers: { authorization: "Token t0ken", "content-encoding": "gzip" },
    });
    expect(linesOf(request?.body ?? Buffer.of())).toEqual([`pdu,room=R1 a=1,b=2 ${t0}`, `pdu,room=R1 a=3 ${t0 + 1}`]);
    await until(() => statsOf("influxdb-v2").leftOut === 1);
  });

  it("goes to the v3 API by the v2 path, with the database as bucket", async () => {
    const server = await openCatch(() => ({ status: 204 }));
    await here.stores.apply([
      storeConfig({ type: "influxdb_v3", url: server.url, database: "site", token: "apiv3_x" }),
    ]);
    await append(0, 1);
    const [request] = await until(() => (server.requests.length > 0 ? server.requests : undefined));
    expect(request).toMatchObject({
      path: "/api/v2/write?bucket=site&precision=ms",
      headers: { authorization: "Bearer apiv3_x" },
    });
  });
});

describe("what a server says", () => {
  it("waits as long as Retry-After says, and tells health", async () => {
    const server = await openCatch((_, index) =>
      index === 0
        ? { status: 503, headers: { "retry-after": "2" }, body: '{"error":"hinted handoff full"}' }
        : { status: 204 },
    );
    await here.stores.apply([storeConfig({ type: "influxdb_v1", url: server.url, database: "site" })]);
    await append(0, 3);
    await until(() => /away since .* \(503: hinted handoff full\)/.test(here.stores.health().detail));
    await until(() => statsOf("influxdb-v1").sent === 3);
    const [first, second] = server.requests;
    expect((second?.atMs ?? 0) - (first?.atMs ?? 0)).toBeGreaterThan(1900);
  });

  it("finds the lines that are refused, keeps them with the server's words, and brings the rest in order", async () => {
    const taken: string[] = [];
    const server = await openCatch(({ body }) => {
      const lines = linesOf(body);
      if (lines.some((line) => line.includes(" n=13 "))) return { status: 400, body: '{"error":"unlucky"}' };
      taken.push(...lines);
      return { status: 204 };
    });
    await here.stores.apply([storeConfig({ type: "influxdb_v1", url: server.url, database: "site" })]);
    await append(0, 100);
    await until(() => statsOf("influxdb-v1").sent === 99 && statsOf("influxdb-v1").refused === 1);
    expect(taken).toEqual(
      Array.from({ length: 100 }, (_, n) => `pdu,room=R1 n=${n} ${t0 + n * 1000}`).toSpliced(13, 1),
    );
    expect(here.setAside("influxdb-v1")).toBe(`# 400: unlucky\npdu,room=R1 n=13 ${t0 + 13_000}\n`);
  });

  it("is through soon with thousands of samples that are all refused", async () => {
    const server = await openCatch(() => ({ status: 400, body: "too old" }));
    await here.stores.apply([storeConfig({ type: "prometheus", url: server.url })]);
    await append(0, 400);
    await until(() => statsOf("prometheus").refused === 400);
    const before = server.requests.length;
    for (let n = 0; n < 4; n++) await append(400 + n * 9000, 400 + (n + 1) * 9000);
    await until(() => statsOf("prometheus").refused === 36_400, 60_000);
    expect(server.requests.length - before).toBeLessThan(200);
  }, 120_000);

  it.each(["prometheus", "influxdb_v1"] as const)("is no answer to a question when it is no JSON: %s", async (type) => {
    const server = await openCatch(() => ({ status: 200, body: "<html>log in first</html>" }));
    await here.stores.apply([storeConfig({ name: "proxied", type, url: server.url, database: "site" })]);
    const reader = here.stores.reader("proxied") ?? expect.fail("no reader");
    const question = reader.series([{ name: "room", op: "=", value: "R1" }], { fromMs: t0, toMs: t0 + 1000 });
    await expect(question).rejects.toMatchObject({
      code: "unavailable",
      detail: expect.stringContaining("log in first"),
    });
  });

  it("halves what is too large", async () => {
    const server = await openCatch(({ body }) => ({ status: linesOf(body).length > 30 ? 413 : 204 }));
    await here.stores.apply([storeConfig({ type: "influxdb_v1", url: server.url, database: "site" })]);
    await append(0, 100);
    await until(() => statsOf("influxdb-v1").sent === 100);
  });

  it("waits while the log-in is refused, and says so", async () => {
    let isLocked = true;
    const server = await openCatch(() => ({ status: isLocked ? 401 : 204, body: '{"error":"authorization failed"}' }));
    await here.stores.apply([storeConfig({ type: "influxdb_v1", url: server.url, database: "site" })]);
    await append(0, 3);
    await until(() => /says no since .*401: authorization failed/.test(here.stores.health().detail));
    isLocked = false;
    await until(() => statsOf("influxdb-v1").sent === 3);
    const detail = expect.stringContaining("takes samples");
    await soon(() => expect(here.stores.health()).toMatchObject({ status: "ok", detail }));
  });
});

describe("several stores", () => {
  it("serves those that are there while another is away, and brings that one up to date later", async () => {
    const [port, server] = [await freePort(), await openCatch(() => ({ status: 204 }))];
    const away = storeConfig({ name: "away", type: "prometheus", url: `http://127.0.0.1:${port}` });
    await here.stores.apply([away, storeConfig({ name: "there", type: "prometheus", url: server.url })]);
    for (let n = 0; n < 20; n++) await append(n * 1000, (n + 1) * 1000);
    await until(() => statsOf("there").sent === 20_000);
    await soon(() =>
      expect(here.stores.health().detail).toMatch(
        /^away at http:\S+: away since \S+ \(.*ECONNREFUSED.*\), \d.* of 1.0 GB waiting; there at .*: takes samples/,
      ),
    );
    await here.stores.apply([
      { ...away, url: server.url },
      storeConfig({ name: "there", type: "prometheus", url: server.url }),
    ]);
    await until(() => statsOf("away").sent === 20_000);
  });

  it("gives up the oldest beyond the bound, counts it, and keeps the log no longer than needed", async () => {
    const server = await openCatch(() => ({ status: 204 }));
    const away = storeConfig({
      name: "away",
      type: "prometheus",
      url: `http://127.0.0.1:${await freePort()}`,
      queue_max: "64KB",
    });
    await here.stores.apply([away]);
    for (let n = 0; n < 200; n++) await append(n * 1000, (n + 1) * 1000);
    await until(() => statsOf("away").waitingBytes <= 64 * 1024, 20_000);
    const { givenUp } = statsOf("away");
    expect(givenUp).toBeGreaterThan(100_000);
    expect(here.stores.health().detail).toMatch(/\d+ samples given up/);
    await here.stores.apply([{ ...away, url: server.url }]);
    await until(() => statsOf("away").waitingBytes === 0, 20_000);
    const { sent, givenUp: all } = statsOf("away");
    expect(sent + all).toBe(200_000);
  });

  it("lets the log go when a store is removed, and begins with what is new when one is added", async () => {
    const server = await openCatch(() => ({ status: 204 }));
    const config = storeConfig({ name: "late", type: "prometheus", url: server.url });
    await append(0, 10);
    await here.stores.apply([config]);
    await append(10, 15);
    await until(() => statsOf("late").sent === 5);
    const noted = () => JSON.parse(readFileSync(join(here.folder, "stores/late.json"), "utf8"));
    await soon(() => expect(noted()).toMatchObject({ position: 2, sent: 5 }));
    await here.stores.apply([]);
    here.source.release(2);
    expect(here.source.stats().releasedTo).toBe(2);
    expect(here.stores.health()).toEqual({ status: "ok", detail: "no store outside is named" });
  });

  it("sends the log again when its place cannot be read", async () => {
    const server = await openCatch(() => ({ status: 204 }));
    const config = storeConfig({ name: "again", type: "prometheus", url: server.url });
    await here.stores.apply([config]);
    await append(0, 10);
    await until(() => statsOf("again").sent === 10);
    await here.stores.apply([]);
    writeFileSync(join(here.folder, "stores/again.json"), "{ torn");
    await here.stores.apply([config]);
    await until(() => statsOf("again").sent === 10);
  });
});

describe("settings that cannot be right", () => {
  const influx = storeConfig({ name: "a", type: "influxdb_v1", url: "http://127.0.0.1:1", database: "site" });
  it.each<[string, RemoteStoreConfig[], RegExp]>([
    ["a database is missing", [{ ...influx, database: "" }], /\[0\]: the store "a" has no database: write database/],
    ["an org is missing", [{ ...influx, type: "influxdb_v2", bucket: "b" }], /the store "a" has no org/],
    ["two have one name", [influx, influx], /\[1\.name\]: there are two stores "a"/],
    [
      "both log-ins are given",
      [{ ...influx, token: "x", username: "y" }],
      /\[0\.token\]: .* both a token and a username/,
    ],
    ["the token has a line end", [{ ...influx, token: "x\ny" }], /\[0\.token\]: the token of the store "a" is none/],
    [
      "a certificate is not there",
      [{ ...influx, url: "https://127.0.0.1:1", tls: { ca: "no.pem", cert: "", key: "" } }],
      /no\.pem: ENOENT/,
    ],
  ])("are refused with place and mend: %s", async (_, configs, words) => {
    await expect(check(...configs)).rejects.toThrow(words);
  });

  it("lets a server that does not answer pass: its samples wait", async () => {
    await check({ ...influx, url: `http://127.0.0.1:${await freePort()}` });
    await here.stores.apply([influx]);
    const detail = expect.stringMatching(/away since .*ECONNREFUSED.* 0 B of 1.0 GB waiting/);
    await soon(() => expect(here.stores.health()).toMatchObject({ status: "degraded", detail }));
  });
});
