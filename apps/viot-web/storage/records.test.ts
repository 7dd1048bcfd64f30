import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { hasMariaDb, type MariaDb, openMariaDb, withMariaDb } from "#test/fixtures/mariadb.ts";
import { type NodeProcess, openNode } from "#test/fixtures/node-process.ts";
import { until } from "#test/fixtures/until.ts";

const environment = { TELEGRAF_BIN: "", PATH: "/nonexistent" };

describe.skipIf(!hasMariaDb)(withMariaDb("a node with its records on MariaDB"), { timeout: 120_000 }, () => {
  let mariadb: MariaDb;
  let node: NodeProcess;
  let folder: string;
  const nodes: NodeProcess[] = [];

  const configFor = ({ port, password, database }: { port: number; password: string; database: string }) => `
[node]
name = "test site"
[scan]
allow = ["127.0.0.0/8"]
[storage.sql]
adapter = "mysql"
port = ${port}
user = "${database}"
password = "${password}"
database = "${database}"
`;
  const start = async (options: Parameters<typeof openNode>[0]) => {
    const made = await openNode({ environment, ...options });
    nodes.push(made);
    return made;
  };
  const contact = (name: string) => ({ name, channels: [{ type: "webhook", url: "http://127.0.0.1:9/" }] });
  const names = async (of: NodeProcess) =>
    (await of.api("GET", "/api/v1/contacts")).body.items.map((one: { name: string }) => one.name);

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "detectviz-records-"));
    mariadb = await openMariaDb();
    node = await start({ config: configFor(await mariadb.makeDatabase("first")) });
  });
  afterAll(async () => {
    for (const one of nodes) await one.close();
    await mariadb?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it("keeps what it was told over a kill of the server, says so in its health, and goes on", async () => {
    expect((await node.api("POST", "/api/v1/contacts", contact("值班 😀"))).status).toBe(201);
    const statusOf = async () => (await node.api("GET", "/api/health")).body.parts.sql;
    mariadb.signal("SIGKILL");
    const down = await until(async () => {
      const part = await statusOf();
      return part.status === "down" && part;
    });
    expect(down.detail).toContain(`127.0.0.1:${mariadb.port}`);
    const refused = await node.api("POST", "/api/v1/contacts", contact("meanwhile"));
    expect(refused.status).toBe(503);
    await mariadb.start();
    await until(async () => (await node.api("POST", "/api/v1/contacts", contact("after"))).status === 201, 10_000);
    await until(async () => (await statusOf()).status === "ok", 10_000);
    expect(await names(node)).toEqual(["after", "值班 😀"]);
  });

  it("says at its start which log-in, database or server is wrong", async () => {
    const place = { port: mariadb.port, password: "wrong", database: "first" };
    await expect(start({ config: configFor(place) })).rejects.toThrow(
      /refuses the user "first".*\n.*mend user and password/,
    );
  });

  it("shows its schema, and no password of it", async () => {
    expect(await node.run("migrate", "status")).toMatchObject({
      code: 0,
      stdout: expect.stringContaining("0001_audit"),
    });
    const printed = await node.run("config", "print");
    expect(printed.stdout).toContain('adapter = "mysql"');
    expect(printed.stdout).not.toContain("pässwörd");
  });

  it("is backed up while it runs, and restored into an empty database", async () => {
    const backup = join(folder, "backup");
    let [written, stop] = [0, false];
    const load = (async () => {
      while (!stop) {
        const { status } = await node.write(`load,device=a value=${written} ${Date.now() - 60_000 + written}`);
        if (status === 204) written++;
      }
    })();
    await until(() => written > 20, 60_000);
    const acknowledged = written;
    expect(await node.run("backup", "--to", backup)).toMatchObject({ code: 0 });
    stop = true;
    await load;
    const place = await mariadb.makeDatabase("second");
    const second = await start({ config: configFor(place) });
    await second.kill("SIGTERM");
    expect(await second.run("restore", "--from", backup, "--force")).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("records already"),
    });
    await mariadb.sql("drop database second");
    await mariadb.sql("create database second");
    expect(await second.run("restore", "--from", backup, "--force")).toMatchObject({ code: 0 });
    await second.run("secret", "forget");
    await second.start();
    expect(await names(second)).toEqual(await names(node));
    // The values count up: the last one tells how many are there.
    const { body } = await second.api("GET", "/api/v1/query?query=load_value");
    expect(Number(body.data?.result[0]?.value[1])).toBeGreaterThanOrEqual(acknowledged - 1);
  });
});
