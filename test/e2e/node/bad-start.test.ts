import { spawn } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer as createHttpServer } from "node:http";
import type { AddressInfo, Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { createServer as createMysqlServer } from "mysql2";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type CommandEnd, cleanEnvironment, detectviz } from "#test/fixtures/command.ts";
import { hasMariaDb, type MariaDb, type MariaDbPlace, openMariaDb, withMariaDb } from "#test/fixtures/mariadb.ts";
import { openNode } from "#test/fixtures/node-process.ts";
import { freePort } from "#test/fixtures/ports.ts";
import { hasRedis, openRedis } from "#test/fixtures/redis.ts";
import { siteConfig, withoutTelegraf } from "./config.ts";

const program = join(import.meta.dirname, "../../../bin/detectviz.mjs");
const portOf = (server: { address(): unknown }) => (server.address() as AddressInfo).port;
const listening = (server: Server) =>
  new Promise<Server>((resolve) => server.listen(0, "127.0.0.1", () => resolve(server)));

describe("a start that cannot succeed: one clear error with place and mend, exit code 1", { timeout: 120_000 }, () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "detectviz-bad-"));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  /** The real command; one that should not start is ended after a minute. */
  const start = async (config: string, data = join(folder, "data")): Promise<CommandEnd> => {
    const file = join(folder, "detectviz.conf");
    writeFileSync(file, config);
    const args = [program, "start", "--config", file, "--data", data, "--listen", `127.0.0.1:${await freePort()}`];
    const env = { ...cleanEnvironment(), TELEGRAF_BIN: "" };
    return new Promise((resolve) => {
      const child = spawn(process.execPath, args, { env, stdio: ["ignore", "pipe", "pipe"], timeout: 60_000 });
      const end = { stdout: "", stderr: "" };
      child.stdout.on("data", (chunk: Buffer) => (end.stdout += chunk));
      child.stderr.on("data", (chunk: Buffer) => (end.stderr += chunk));
      child.on("close", (code) => resolve({ ...end, code }));
    });
  };
  /** One line that says where and what, one that says what mends it, and nothing else. */
  const refused = (end: CommandEnd, what: RegExp, mend: RegExp) => {
    expect(end).toMatchObject({ code: 1 });
    const lines = end.stderr.trimEnd().split("\n");
    expect(lines.length, end.stderr).toBe(2);
    expect(lines[0]).toMatch(what);
    expect(lines[1]).toMatch(mend);
    expect(`${end.stdout}${end.stderr}`).not.toMatch(/^\s+at .*:\d+:\d+\)?$/m);
  };

  it("two nodes on one SQLite folder", async () => {
    const first = await openNode({ config: siteConfig(), environment: withoutTelegraf });
    try {
      const second = await start(siteConfig(), first.dataFolder);
      refused(
        second,
        new RegExp(`${first.dataFolder}: another Detectviz \\(process ${first.pid()}\\) works in this`),
        /→ stop it first, or .*--data DIR/,
      );
    } finally {
      await first.close();
    }
  });

  it("a secret that is not there", async () => {
    const end = await start(
      siteConfig('[plugins.notifier.email]\nhost = "127.0.0.1"\nport = 25\npassword = "secret://mail"\n'),
    );
    refused(end, /detectviz\.conf:\d+: there is no secret "mail"/, /→ set it: npx detectviz secret set mail --data /);
  });

  it("a key file that everyone can read, one that is no key", async () => {
    const key = join(folder, "data/secret.key");
    mkdirSync(join(folder, "data"), { mode: 0o700 });
    writeFileSync(key, Buffer.alloc(32, 1).toString("base64"));
    chmodSync(key, 0o644);
    refused(
      await start(siteConfig()),
      /secret\.key: others on this machine can read the key/,
      /→ chmod 600 .*secret rotate --key/,
    );
    chmodSync(key, 0o600);
    writeFileSync(key, "short");
    refused(await start(siteConfig()), /secret\.key: this is no key: 32 bytes/, /→ put back the key that was here/);
  });

  it("a cron line that never fires", async () => {
    const range = '[[scan.ranges]]\nrange = "127.0.62.1"\nschedule = "0 3 30 2 *"\n';
    refused(
      await start(siteConfig(range)),
      /detectviz\.conf:\d+: "0 3 30 2 \*" never fires/,
      /→ look at day and month/,
    );
  });

  it("a schema step that fails half way, and a newer schema", async () => {
    const data = join(folder, "data");
    mkdirSync(data, { mode: 0o700 });
    const database = new DatabaseSync(join(data, "detectviz.db"));
    database.exec("create table contacts (mine text)");
    refused(
      await start(siteConfig()),
      /schema step 0008_contacts up: table "contacts" already exists; the schema is as it was/,
      /→ mend the cause and start again/,
    );
    database.exec("drop table contacts");
    database.exec("create table schema_migrations (name text primary key, checksum text, applied_at integer)");
    database.exec("insert into schema_migrations values ('9999_later', 'x', 1)");
    database.close();
    refused(
      await start(siteConfig()),
      /schema step "9999_later", which this version does not know/,
      /→ start the version that wrote it/,
    );
  });

  it("a file that is no database", async () => {
    mkdirSync(join(folder, "data"), { mode: 0o700 });
    writeFileSync(join(folder, "data/detectviz.db"), "not a database ".repeat(500));
    refused(await start(siteConfig()), /detectviz\.db: the database cannot be opened/, /→ .*is a SQLite database/);
  });

  const onServer = ({ port, user, password, database }: Omit<MariaDbPlace, "host">, more = "") =>
    siteConfig(
      `[storage]\nsql = { adapter = "mysql", port = ${port}, user = "${user}", password = "${password}", database = "${database}", connect_timeout = "3s"${more} }\n`,
    );
  const nobody = { user: "u", password: "p4ssword", database: "d" };

  it("no server, another kind of server, one that is too old", async () => {
    const port = await freePort();
    refused(
      await start(onServer({ ...nobody, port })),
      new RegExp(`"d" on 127\\.0\\.0\\.1:${port}: no server answers`),
      new RegExp(`→ start MariaDB on 127\\.0\\.0\\.1:${port}`),
    );
    const http = await listening(createHttpServer((_, response) => response.end()));
    const old = createMysqlServer((connection) => {
      connection.serverHandshake({
        protocolVersion: 10,
        serverVersion: "5.5.5-10.3.39-MariaDB",
        connectionId: 1,
        statusFlags: 2,
        characterSet: 45,
        capabilityFlags: 0xffffff,
      });
      connection.on("error", () => undefined);
      connection.on("query", () => {
        connection.sequenceId = 1;
        const columns = ["version", "packet", "flushes"].map((name) => ({
          name,
          columnType: 253,
          characterSet: 45,
          catalog: "def",
          schema: "",
          table: "",
          orgTable: "",
          orgName: name,
          columnLength: 100,
          flags: 0,
          decimals: 0,
        }));
        connection.writeTextResult([{ version: "10.3.39-MariaDB", packet: 16777216, flushes: 1 }], columns as never);
      });
    });
    await new Promise<void>((resolve) => {
      // biome-ignore lint/suspicious/noExplicitAny: its types do not tell of the server it wraps
      (old as any)._server.listen(0, "127.0.0.1", resolve);
    });
    try {
      refused(
        await start(onServer({ ...nobody, port: portOf(http) })),
        /127\.0\.0\.1:\d+: what answers is no MariaDB or MySQL server/,
        /→ mend host and port/,
      );
      // biome-ignore lint/suspicious/noExplicitAny: its types do not tell of the server it wraps
      const oldPort = portOf((old as any)._server);
      refused(
        await start(onServer({ ...nobody, port: oldPort })),
        /127\.0\.0\.1:\d+: the server is too old \(10\.3\.39-MariaDB\)/,
        /→ MariaDB 10\.6 or MySQL 8\.0, or newer/,
      );
    } finally {
      http.close();
      await new Promise<void>((resolve) => old.close(() => resolve()));
    }
  });

  it.skipIf(!hasRedis)("a Redis where MariaDB should be", async () => {
    const redis = await openRedis();
    try {
      refused(
        await start(onServer({ ...nobody, port: redis.port })),
        new RegExp(`127\\.0\\.0\\.1:${redis.port}: what answers is no MariaDB or MySQL server`),
        /→ mend host and port/,
      );
    } finally {
      await redis.close();
    }
  });

  describe.skipIf(!hasMariaDb)(withMariaDb("on MariaDB"), () => {
    let mariadb: MariaDb;
    let place: MariaDbPlace;
    beforeAll(async () => {
      mariadb = await openMariaDb();
      place = await mariadb.makeDatabase("bad");
    });
    afterAll(() => mariadb?.close());

    it("a wrong password, a wrong database", async () => {
      const wrong = await start(onServer({ ...place, password: "wr0ng-pass" }));
      refused(
        wrong,
        /"bad" on 127\.0\.0\.1:\d+: the server refuses the user "bad" with this password/,
        /→ mend user and password/,
      );
      expect(wrong.stderr).not.toContain("wr0ng-pass");
      refused(
        await start(onServer({ ...place, database: "other" })),
        /"other" on 127\.0\.0\.1:\d+: the user "bad" may not use it/,
        /→ on the server: grant all on `other`/,
      );
      refused(
        await start(onServer({ ...place, user: "root", password: "", database: "other" })),
        /there is no database "other"/,
        /→ on the server: create database `other`/,
      );
      const reference = await start(onServer({ ...place, password: "secret://sql" }));
      refused(reference, /detectviz\.conf:\d+: secret:\/\/sql cannot stand here/, /DETECTVIZ__STORAGE__SQL__PASSWORD/);
    });

    it("a schema step that fails half way: once the cause is away the next start goes on behind what stands", async () => {
      await mariadb.run("bad", ["create table contact_routes (mine text)"]);
      refused(
        await start(onServer(place)),
        /schema step 0008_contacts up: .*contact_routes.*already exists; these stand: create table `contacts`/,
        /→ mend the cause, then start again or run: npx detectviz migrate up; it goes on behind/,
      );
      await mariadb.run("bad", ["drop table contact_routes"]);
      const node = await openNode({ config: onServer(place), environment: withoutTelegraf });
      await node.close();
      const status = await detectviz([
        "migrate",
        "status",
        "--config",
        join(folder, "detectviz.conf"),
        "--data",
        join(folder, "data"),
      ]);
      expect(status).toMatchObject({ code: 0 });
    });
  });
});
