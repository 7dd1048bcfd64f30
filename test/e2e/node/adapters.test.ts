import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { makeCertificates } from "#test/fixtures/certificates.ts";
import { cleanEnvironment, detectviz } from "#test/fixtures/command.ts";
import { hasMariaDb, type MariaDb, type MariaDbPlace, openMariaDb, withMariaDb } from "#test/fixtures/mariadb.ts";
import { type NodeProcess, openNode } from "#test/fixtures/node-process.ts";
import { openOtlpCatch } from "#test/fixtures/otlp-catch.ts";
import { freePort } from "#test/fixtures/ports.ts";
import { soon } from "#test/fixtures/until.ts";
import { withoutTelegraf } from "./config.ts";
import { hasServers, openServers, type Servers, withServers } from "./servers.ts";

let folder: string;
/** What `detectviz init` wrote. */
let written: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "detectviz-adapters-"));
  const made = await detectviz(["init", join(folder, "site")]);
  expect(made.code).toBe(0);
  written = readFileSync(join(folder, "site/detectviz.conf"), "utf8");
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Puts another text in the place of a line's beginning; it must be there. */
function change(text: string, changes: readonly (readonly [from: string, to: string])[]): string {
  return changes.reduce((result, [from, to]) => {
    expect(result).toContain(`\n${from}`);
    return result.replace(`\n${from}`, `\n${to}`);
  }, text);
}

/** The whole of a section that is off. */
const on = (text: string, heading: string) => {
  const start = text.indexOf(`\n# ${heading}\n`);
  expect([heading, start]).not.toEqual([heading, -1]);
  const end = text.indexOf("\n\n", start);
  return text.slice(0, start) + text.slice(start, end).replaceAll("\n# ", "\n") + text.slice(end);
};

describe("the configuration that init writes", { timeout: 120_000 }, () => {
  it("is fine with every section of it switched on", async () => {
    const headings = [...written.matchAll(/^# (\[\[?[a-z.]+\]?\])$/gm)].map((match) => match[1] ?? "");
    expect(headings).toEqual(
      expect.arrayContaining([
        "[[storage.metrics.stores]]",
        "[[contacts]]",
        "[plugins]",
        "[plugins.notifier.email]",
        "[telemetry.otlp]",
        "[data.sources.racks]",
      ]),
    );
    const all = headings.reduce(on, written).replaceAll(/"secret:\/\/[a-z]+"/g, '"x"');
    const file = join(folder, "all.conf");
    writeFileSync(
      file,
      all.replace("/opt/detectviz/plugins", folder).replace("allow = []", 'allow = ["172.5.8.0/21"]'),
    );
    const { code, stderr } = await detectviz(["config", "check", "--config", file, "--data", join(folder, "none")]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  });
});

async function start(config: string) {
  const file = join(folder, "wrong.conf");
  writeFileSync(file, config);
  const data = mkdtempSync(join(folder, "data-"));
  const flags = ["--config", file, "--data", data, "--listen", `127.0.0.1:${await freePort()}`];
  return detectviz(["start", ...flags], { ...cleanEnvironment(), ...withoutTelegraf });
}

const partsOf = async (node: NodeProcess) => (await node.api("GET", "/api/health", undefined, "")).body.parts;

/** The start ends with one error of two lines: place and what is wrong, and the mend. */
async function refused(config: string, what: RegExp, mend: RegExp) {
  const { code, stderr } = await start(config);
  const [first = "", second = "", ...more] = stderr
    .trimEnd()
    .split("\n")
    .filter((line) => !line.startsWith("{"));
  expect({ code, more }).toEqual({ code: 1, more: [] });
  expect(first).toMatch(what);
  expect(second).toMatch(mend);
}

describe.skipIf(!hasServers)(withServers("one line chooses each adapter"), { timeout: 120_000 }, () => {
  let servers: Servers;
  beforeAll(async () => {
    servers = await openServers();
  });
  afterAll(() => servers?.close());

  /** The line that chooses, with the address of a server of this test. */
  const mysql = (port: number) =>
    [
      ['adapter = "sqlite"                   # or "mysql"', 'adapter = "mysql" #'],
      ["# port = 3306", `port = ${port}`],
      ['# user = "detectviz"', 'user = "whole"'],
      ['# database = "detectviz"', 'database = "whole"'],
      ['# password = "…"', 'password = "pässwörd" #'],
    ] as const;
  const redisBus = (url: string) =>
    [
      ['adapter = "sqlite"                   # or "redis"', 'adapter = "redis" #'],
      ['# redis = { url = "redis://127.0.0.1:6379/0"', `redis = { url = "${url}/0" } #`],
    ] as const;
  const redisCache = (url: string) =>
    [
      ['adapter = "memory"', 'adapter = "redis" #'],
      ['# redis = { url = "redis://127.0.0.1:6379/1"', `redis = { url = "${url}/1" } #`],
    ] as const;
  const victoria = (url: string) => ["http://127.0.0.1:8428", url] as const;
  const withStore = (url: string) => on(written, "[[storage.metrics.stores]]").replace(...victoria(url));

  it("starts with all of them, and health names them", async () => {
    const { mariadb, redis, victoria: store } = servers;
    const chosen = [...mysql(mariadb.port), ...redisBus(redis.url), ...redisCache(redis.url)];
    const node = await openNode({ config: change(withStore(store.url), chosen), environment: withoutTelegraf });
    try {
      let parts = await partsOf(node);
      await soon(async () => {
        parts = await partsOf(node);
        for (const part of ["sql", "bus", "cache", "metric_stores"])
          expect(parts[part]).toMatchObject({ status: "ok" });
      });
      expect(parts.cache.detail).toContain(`${redis.url}/1`);
      expect(parts.metric_stores.detail).toContain(`vm1 at ${store.url}`);
    } finally {
      await node.close();
    }
  });

  it("refuses a wrong one at the start, naming place and mend", async () => {
    const { influx } = servers;
    const http = influx.url.replace("http", "redis");
    await refused(change(written, mysql(influx.port)), /no MariaDB or MySQL server/, /→ mend host and port/);
    await refused(change(written, redisBus(http)), /\[bus\.redis\] redis:.*no Redis server/, /→ mend the URL/);
    await refused(withStore(influx.url), /wrong\.conf:\d+: .*vm1.*/, /→ /);
    const wrong = [['adapter = "memory"', 'adapter = "memcached" #']] as const;
    await refused(change(written, wrong), /wrong\.conf:\d+: "cache\.adapter" must be one of "memory", "redis"/, /→ /);
  });

  it("starts beside servers that are away, except where records are: health says so", async () => {
    const port = await freePort();
    const away = [...redisBus(`redis://127.0.0.1:${port}`), ...redisCache(`redis://127.0.0.1:${port}`)];
    const config = change(withStore(`http://127.0.0.1:${port}`), away);
    const node = await openNode({ config, environment: withoutTelegraf });
    try {
      await soon(async () => {
        const parts = await partsOf(node);
        for (const part of ["bus", "cache", "metric_stores"]) {
          const detail = expect.stringContaining(`127.0.0.1:${port}`);
          expect(parts[part]).toMatchObject({ status: "degraded", detail });
        }
      });
    } finally {
      await node.close();
    }
    await refused(change(written, mysql(port)), /127\.0\.0\.1:\d+: no server answers/, /→ start MariaDB/);
  });
});

describe.skipIf(!hasMariaDb)(withMariaDb("encryption of the database's connections"), { timeout: 120_000 }, () => {
  const [ours, others] = [makeCertificates(), makeCertificates()];
  const { cert, key, ca } = ours.files;
  const servers: MariaDb[] = [];
  let encrypting: MariaDbPlace;
  let plain: MariaDbPlace;
  beforeAll(async () => {
    servers.push(await openMariaDb([`--ssl-cert=${cert}`, `--ssl-key=${key}`, `--ssl-ca=${ca}`]));
    servers.push(await openMariaDb(["--skip-ssl"]));
    const [first, second] = servers;
    if (!first || !second) throw new Error("both were opened");
    encrypting = await first.makeDatabase("tls");
    await first.sql("alter user 'tls'@'127.0.0.1' require ssl");
    plain = await second.makeDatabase("plain");
  });
  afterAll(async () => {
    for (const server of servers) await server.close();
    for (const made of [ours, others]) made.dispose();
  });

  /** The lines of `[storage.sql]`; `authority` is a PEM file. */
  const at = ({ port, user, password, database }: MariaDbPlace, authority?: string) =>
    change(written, [
      ['adapter = "sqlite"                   # or "mysql"', 'adapter = "mysql" #'],
      ["# port = 3306", `port = ${port}`],
      ['# user = "detectviz"', `user = "${user}"`],
      ['# database = "detectviz"', `database = "${database}"`],
      ['# password = "…"', `password = "${password}" #`],
      ...(authority === undefined
        ? []
        : [['# tls = { ca = "/etc/detectviz/sql-ca.pem" }', `tls = { ca = "${authority}" }`] as const]),
    ]);

  it("is done where it is asked for with the server's authority", async () => {
    const node = await openNode({ config: at(encrypting, ca), environment: withoutTelegraf });
    try {
      expect((await node.api("GET", "/api/health", undefined, "")).body.parts.sql).toMatchObject({ status: "ok" });
    } finally {
      await node.close();
    }
  });

  it("refuses the start where it is asked for wrongly, naming place and mend", async () => {
    const none = join(folder, "none.pem");
    await refused(at(encrypting, none), /\[storage\.sql\.tls\] ca: .*no such file.*none\.pem/, /→ name the PEM file/);
    const text = join(folder, "text.pem");
    writeFileSync(text, "no certificate\n");
    await refused(
      at(encrypting, text),
      /\[storage\.sql\.tls\] ca|certificate/,
      /→ .*\[storage\.sql\.tls\]|→ name the PEM/,
    );
    await refused(at(encrypting, others.files.ca), /its certificate is not trusted/, /→ mend \[storage\.sql\.tls\] ca/);
    await refused(at(plain, ca), /the server does not encrypt/, /→ .*take \[storage\.sql\.tls\] out/);
    await refused(at(encrypting), /refuses the user "tls"/, /→ .*encrypted needs \[storage\.sql\] tls/);
    const away = { ...encrypting, port: await freePort() };
    await refused(at(away, ca), /127\.0\.0\.1:\d+: no server answers/, /→ start MariaDB/);
  });
});

describe("a wrong collector of telemetry", { timeout: 120_000 }, () => {
  const withCollector = (endpoint: string) =>
    on(written, "[telemetry.otlp]")
      .replace("http://otel.example.org:4318", endpoint)
      .replace('headers = { authorization = "secret://collector" }', 'interval = "1s"');

  it("that is no address over HTTP is refused at the start, naming the line", async () => {
    await refused(withCollector("127.0.0.1:4318"), /wrong\.conf:\d+: .*telemetry\.otlp\.endpoint/, /→ /);
  });

  const wrong: [what: string, endpoint: (collector: string) => string | Promise<string>, says: RegExp][] = [
    [
      "is no URL",
      () => "http://127.0.0.1:99999",
      /"http:\/\/127\.0\.0\.1:99999" is no URL.*mend \[telemetry\.otlp\] endpoint/,
    ],
    [
      "is not there",
      async () => `http://127.0.0.1:${await freePort()}`,
      /127\.0\.0\.1:\d+\/v1\/.*ECONNREFUSED.*mend \[telemetry\.otlp\]/,
    ],
    [
      "does not encrypt",
      (url) => url.replace("http:", "https:"),
      /https:\/\/127\.0\.0\.1:\d+\/v1\/\w+: what answers there does not speak TLS; .*mend \[telemetry\.otlp\]/,
    ],
    [
      "has another path",
      (url) => `${url}/wrong`,
      /\/wrong\/v1\/\w+ refuses what is sent: 404.*mend \[telemetry\.otlp\]/,
    ],
  ];
  it.each(wrong)("that %s stops nothing, and health names place and mend", async (_what, endpointOf, says) => {
    const collector = await openOtlpCatch();
    collector.refuse(404);
    const config = withCollector(await endpointOf(collector.url));
    try {
      const node = await openNode({ config, environment: withoutTelegraf });
      try {
        await soon(async () => {
          const { telemetry } = await partsOf(node);
          expect(telemetry).toMatchObject({ status: "degraded", detail: expect.stringMatching(says) });
        }, 40_000);
        expect((await node.write("x,device=a load=1")).status).toBe(204);
      } finally {
        await node.close();
      }
    } finally {
      await collector.close();
    }
  });
});
