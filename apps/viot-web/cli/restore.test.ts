import { cpSync, existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openBodyCatch } from "#test/fixtures/body-catch.ts";
import { cleanEnvironment, detectviz } from "#test/fixtures/command.ts";
import { type NodeProcess, openNode } from "#test/fixtures/node-process.ts";
import { freePort } from "#test/fixtures/ports.ts";
import { readRemoteWrite } from "#test/fixtures/remote-write.ts";
import { until } from "#test/fixtures/until.ts";

const config = '[node]\nname = "test site"\n[scan]\nallow = ["127.0.0.0/8"]\n';
const forwardTo = (url: string) =>
  `${config}[[storage.metrics.stores]]\nname = "outside"\ntype = "prometheus"\nurl = "${url}"\n`;
const environment = { TELEGRAF_BIN: "", PATH: "/nonexistent" };

describe("detectviz restore", { timeout: 120_000 }, () => {
  let folder: string;
  let backup: string;
  let node: NodeProcess;
  /** Samples that were acknowledged before the backup was asked for. */
  let acknowledged = 0;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "detectviz-restore-"));
    backup = join(folder, "backup");
    // A store outside that is away: the backup holds what it has not got.
    node = await openNode({ config: forwardTo(`http://127.0.0.1:${await freePort()}`), environment });
    const contact = { name: "值班 😀", channels: [{ type: "webhook", url: "http://127.0.0.1:9/" }] };
    expect((await node.api("POST", "/api/v1/contacts", contact)).status).toBe(201);
    acknowledged = await backUpUnderLoad();
  });
  afterAll(async () => {
    await node?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  /** Writes a sample after another until the backup is there; returns how many stood when it was asked for. */
  async function backUpUnderLoad(): Promise<number> {
    let [written, stop] = [0, false];
    const load = (async () => {
      while (!stop) {
        const answer = await node.write(`load,device=a value=${written} ${Date.now() - 60_000 + written}`);
        if (answer.status === 204) written++;
      }
    })();
    await until(() => written >= 20, 60_000);
    const before = written;
    const made = await node.run("backup", "--to", backup);
    stop = true;
    await load;
    expect(made).toMatchObject({ code: 0 });
    return before;
  }

  const restore = (data: string, ...args: string[]) =>
    detectviz(["restore", "--data", data, "--json", ...args], cleanEnvironment(environment));

  it("makes a folder over which a node starts with the records and the samples", async () => {
    const data = join(folder, "elsewhere");
    const restored = await detectviz(["restore", "--data", data, "--from", backup], cleanEnvironment(environment));
    expect(restored).toMatchObject({ code: 0, stdout: expect.stringContaining(`copy secret.key of the node`) });
    expect(restored.stdout).toContain(`secret forget --data ${data}`);
    // The key of the secrets is in no backup: it is kept elsewhere and put back by hand.
    const keyless = openNode({ config, dataFolder: data, environment }).then((started) => started.close());
    await expect(keyless).rejects.toThrow(/secret\.key: the key of the secrets in the database is not here/);
    cpSync(join(node.dataFolder, "secret.key"), join(data, "secret.key"));
    const second = await openNode({ config, dataFolder: data, environment });
    try {
      const contacts = (await second.api("GET", "/api/v1/contacts")).body.items;
      expect(contacts.map((one: { name: string }) => one.name)).toEqual(["值班 😀"]);
      // The samples' values count up, and the log keeps their order.
      const { body } = await second.api("GET", "/api/v1/query?query=load_value");
      expect(Number(body.data?.result[0]?.value[1])).toBeGreaterThanOrEqual(acknowledged - 1);
    } finally {
      await second.close();
    }
  });

  it("makes a folder over which a node sends a store outside what it had not got", async () => {
    const data = join(folder, "sending");
    expect((await restore(data, "--from", backup)).code).toBe(0);
    cpSync(join(node.dataFolder, "secret.key"), join(data, "secret.key"));
    const buildInfo = { status: 200, body: '{"status":"success","data":{"version":"2.42.0","goVersion":"go1.19"}}' };
    const outside = await openBodyCatch(({ path }) => (path.endsWith("/buildinfo") ? buildInfo : { status: 204 }));
    const second = await openNode({ config: forwardTo(outside.url), dataFolder: data, environment });
    const sent = () =>
      outside.requests
        .filter(({ path, body }) => path.endsWith("/write") && body.length > 1)
        .flatMap(({ body }) => readRemoteWrite(body))
        .filter(({ labels }) => labels.some(([, value]) => value === "load_value"))
        .flatMap(({ samples }) => samples.map(([, value]) => value));
    try {
      await until(() => sent().length >= acknowledged, 60_000);
      expect(sent().slice(0, acknowledged)).toEqual(Array.from({ length: acknowledged }, (_, value) => value));
    } finally {
      await second.close();
      await outside.close();
    }
  });

  it("refuses a folder over which a node runs", async () => {
    const refused = await restore(node.dataFolder, "--from", backup, "--force");
    expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining(`process ${node.pid()}`) });
  });

  it("refuses a folder that holds something, and with --force moves it aside", async () => {
    const data = mkdtempSync(join(folder, "taken-"));
    writeFileSync(join(data, "mine"), "");
    expect(await restore(data, "--from", backup)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("--force"),
    });
    expect(readdirSync(data)).toEqual(["mine"]);
    const { aside } = JSON.parse((await restore(data, "--from", backup, "--force")).stdout);
    expect(readdirSync(aside)).toEqual(["mine"]);
    expect(readdirSync(data)).toContain("detectviz.db");
  });

  it("refuses what is no backup, is damaged, or is of another schema, and leaves nothing behind", async () => {
    const data = join(folder, "not-made");
    expect((await restore(data, "--from", folder)).stderr).toContain("data/detectviz.db is not there");
    const database = new DatabaseSync(join(backup, "data/detectviz.db"));
    database.exec("insert into schema_migrations values ('9999_later', 'x', 1)");
    database.close();
    expect((await restore(data, "--from", backup)).stderr).toContain("9999_later");
    writeFileSync(join(backup, "data/detectviz.db"), "not a database ".repeat(500));
    expect(await restore(data, "--from", backup)).toMatchObject({ code: 1 });
    expect([existsSync(data), existsSync(`${data}.partial`)]).toEqual([false, false]);
  });
});
