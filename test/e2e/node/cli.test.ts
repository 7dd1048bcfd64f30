import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { awakeMs } from "#test/fixtures/awake.ts";
import { cleanEnvironment, detectviz } from "#test/fixtures/command.ts";
import { type NodeProcess, openNode } from "#test/fixtures/node-process.ts";
import { freePort } from "#test/fixtures/ports.ts";
import { siteConfig, withoutTelegraf } from "./config.ts";
import { openDeltaPdu } from "./delta-pdu.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "detectviz-cli-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("detectviz init", { timeout: 120_000 }, () => {
  it("writes a configuration that is fine, a unit, and three next steps; and never overwrites", async () => {
    const site = join(folder, "site");
    const made = await detectviz(["init", site]);
    expect(made.code).toBe(0);
    expect(made.stdout).toMatch(/1\..*2\..*detectviz start.*3\..*http/s);
    expect(readFileSync(join(site, "detectviz.service"), "utf8")).toContain(`--config "${site}/detectviz.conf"`);
    const checked = await detectviz(["config", "check", "--config", join(site, "detectviz.conf")]);
    expect(checked).toMatchObject({ code: 0, stderr: "" });
    writeFileSync(join(site, "detectviz.conf"), "# mine\n");
    const again = await detectviz(["init", site]);
    expect(again).toMatchObject({ code: 1, stdout: "" });
    expect(again.stderr).toContain(`${site}/detectviz.conf`);
    expect(readFileSync(join(site, "detectviz.conf"), "utf8")).toBe("# mine\n");
  });
});

describe("detectviz config", { timeout: 120_000 }, () => {
  const file = () => join(folder, "some.conf");
  const check = async (text: string, ...flags: string[]) => {
    writeFileSync(file(), text);
    return detectviz(["config", "check", "--config", file(), ...flags]);
  };

  it("check names file, line, key and the mend of what is wrong", async () => {
    const unknown = await check('[node]\nname = "x"\n\n[scan]\nalow = ["127.0.0.0/8"]\n');
    expect(unknown).toMatchObject({ code: 1, stdout: "" });
    expect(unknown.stderr).toContain(`${file()}:5`);
    expect(unknown.stderr).toMatch(/alow.*allow/s);
    const type = await check('[telegraf]\ndevices_per_unit = "many"\n');
    expect(type.stderr).toContain(`${file()}:2`);
    const syntax = await check('[node]\nname = "x\n');
    expect(syntax.stderr).toContain(`${file()}:2`);
    const asJson = await check("[scan]\nalow = []\n", "--json");
    expect(JSON.parse(asJson.stderr)).toMatchObject({ code: "config", at: `${file()}:2`, mend: expect.any(String) });
  });

  it("check looks into scan, rules, contacts and plugins too", async () => {
    const scan = await check('[scan]\nallow = ["127.0.0.0/33"]\n');
    expect(scan.stderr).toContain(`${file()}:2`);
    const rule = await check('[[rules]]\nname = "x"\ncondition = "pdu_current >"\nlevel = "warning"\n');
    expect(rule.stderr).toContain(`${file()}:3`);
    const contact = await check('[[contacts]]\nname = "x"\nchannels = [{ type = "webhook", url = "ftp://x" }]\n');
    expect(contact.stderr).toContain(file());
    const plugin = await check("[plugins.notifier.email]\nprot = 25\n");
    expect(plugin.stderr).toContain(`${file()}:2`);
    expect([scan, rule, contact, plugin].map(({ code }) => code)).toEqual([1, 1, 1, 1]);
  });

  it("print shows every key, environment included, and no secret", async () => {
    const secrets = ["s3cret-mail", "s3cret-community", "s3cret-bearer"];
    writeFileSync(
      file(),
      `[plugins.notifier.email]\nhost = "127.0.0.1"\npassword = "${secrets[0]}"\n
[[scan.credentials]]\ntype = "snmp"\ncommunity = "${secrets[1]}"\n
[[contacts]]\nname = "x"\nchannels = [{ type = "webhook", url = "http://127.0.0.1/", bearer = "${secrets[2]}" }]\n`,
    );
    const environment = cleanEnvironment({ DETECTVIZ__NODE__NAME: "from outside" });
    const printed = await detectviz(["config", "print", "--config", file()], environment);
    expect(printed).toMatchObject({ code: 0, stderr: "" });
    expect(printed.stdout).toContain('name = "from outside"');
    expect(printed.stdout).toContain("devices_per_unit = 50");
    for (const secret of secrets) expect(printed.stdout).not.toContain(secret);
  });
});

describe("detectviz with wrong use", { timeout: 120_000 }, () => {
  it("ends with 2 and shows how to call it", async () => {
    for (const args of [["start", "--nonsense"], ["nonsense"], ["token", "create"], ["backup"]]) {
      const { code, stderr } = await detectviz(args);
      expect([args, code]).toEqual([args, 2]);
      expect(stderr).toContain("Usage: detectviz");
    }
    expect((await detectviz(["--help"])).code).toBe(0);
  });
});

describe("detectviz scan --once", { timeout: 120_000 }, () => {
  const hosts = () => join(folder, "hosts");

  it("prints one found device a line, without a node and a configuration", async () => {
    const pdu = await openDeltaPdu({ address: "127.0.63.7" });
    writeFileSync(hosts(), "# two\n127.0.63.7\n127.0.63.8\n");
    const flags = ["--once", "--hosts", hosts(), "--protocol", "snmp", "--port", `${pdu.port}`, "--unpaced", "--json"];
    const { code, stdout } = await detectviz(["scan", ...flags, "--config", join(folder, "none.conf")]);
    await pdu.close();
    expect(code).toBe(0);
    const lines = stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(lines).toMatchObject([
      { key: pdu.key, kind: "pdu", vendor: "Delta", model: "PDUE428-16A", profile: "delta/pdue428" },
    ]);
  });

  it("refuses what is outside the allow-list", async () => {
    writeFileSync(hosts(), "127.0.63.7\n10.99.0.1\n");
    const bare = await detectviz(["scan", "--once", "--hosts", hosts(), "--config", join(folder, "none.conf")]);
    expect(bare).toMatchObject({ code: 1, stdout: "" });
    expect(bare.stderr).toContain("10.99.0.1");
    writeFileSync(join(folder, "narrow.conf"), '[scan]\nallow = ["127.0.64.0/24"]\n');
    const narrow = await detectviz(["scan", "--once", "--hosts", hosts(), "--config", join(folder, "narrow.conf")]);
    expect(narrow).toMatchObject({ code: 1, stdout: "" });
    expect(narrow.stderr).toContain("127.0.63.7");
  });
});

describe("commands beside a node", { timeout: 120_000 }, () => {
  let node: NodeProcess;
  beforeAll(async () => {
    node = await openNode({ config: siteConfig(), environment: withoutTelegraf });
  });
  afterAll(async () => node?.close());

  it("token create prints the token alone; it works at once", async () => {
    const { code, stdout, stderr } = await node.run("token", "create", "--role", "viewer", "--expires", "1h");
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toMatch(/^dvz_\S+\n$/);
    const headers = { authorization: `Bearer ${stdout.trim()}` };
    expect((await fetch(`${node.url}/api/v1/devices`, { headers })).status).toBe(200);
    const refused = await node.run("token", "create", "--role", "king");
    expect(refused).toMatchObject({ code: 1, stdout: "" });
    expect(refused.stderr).toContain("viewer, operator, engineer, admin");
  });

  it("a second node over the same data says who has it, and one on the same port what holds it", async () => {
    const data = ["--config", node.configFile, "--data", node.dataFolder];
    const second = await detectviz(["start", ...data, "--listen", `127.0.0.1:${await freePort()}`]);
    expect(second.code).toBe(1);
    expect(second.stderr).toContain(`process ${node.pid()}`);
    expect(second.stderr).not.toContain("    at ");
    const elsewhere = ["--config", node.configFile, "--data", join(folder, "other-data")];
    const third = await detectviz(["start", ...elsewhere, "--listen", new URL(node.url).host]);
    expect(third.code).toBe(1);
    expect(third.stderr).toMatch(/--listen/);
    expect(third.stderr).not.toContain("    at ");
    expect((await node.api("GET", "/api/health")).status).toBe(200);
  });

  it("backup copies a running node, and the copy is a node with the same samples and records", async () => {
    await node.write("room,name=r1 temperature=21.5");
    await node.api("POST", "/api/v1/rules", { name: "Kept", condition: "room_temperature > 30", level: "warning" });
    const copy = join(folder, "backup");
    const done = await node.run("backup", "--to", copy);
    expect(done).toMatchObject({ code: 0, stderr: "" });
    const again = await node.run("backup", "--to", copy);
    expect(again).toMatchObject({ code: 1, stdout: "" });
    expect(statSync(join(copy, "data")).mode & 0o077).toBe(0);
    const config = readFileSync(join(copy, "conf/detectviz.conf"), "utf8");
    expect(existsSync(join(copy, "data/secret.key"))).toBe(false); // kept apart, and brought along by who restores
    copyFileSync(join(node.dataFolder, "secret.key"), join(copy, "data/secret.key"));
    const other = await openNode({ config, dataFolder: join(copy, "data"), environment: withoutTelegraf });
    try {
      const { body } = await other.api("GET", "/api/v1/query?query=room_temperature");
      expect(body.data.result).toMatchObject([{ metric: { name: "r1" }, value: [expect.any(Number), "21.5"] }]);
      const rules = (await other.api("GET", "/api/v1/rules?search=kept")).body.items;
      expect(rules).toMatchObject([{ name: "Kept", source: null }]);
    } finally {
      await other.close();
    }
  });

  it("SIGTERM ends it with 0 within 10 s, also with an open stream; a token can then be made in its files", async () => {
    const headers = { authorization: `Bearer ${await node.tokenOf("viewer")}` };
    const stream = await fetch(`${node.url}/api/v1/events`, { headers });
    expect(stream.headers.get("content-type")).toContain("text/event-stream");
    const before = awakeMs();
    expect(await node.kill("SIGTERM")).toBe(0);
    expect(awakeMs() - before).toBeLessThan(10_000);
    await stream.body?.cancel().catch(() => undefined);
    const { code, stdout } = await node.run("token", "create", "--role", "operator");
    expect(code).toBe(0);
    await node.start();
    const answer = await fetch(`${node.url}/api/v1/devices`, { headers: { authorization: `Bearer ${stdout.trim()}` } });
    expect(answer.status).toBe(200);
  });
});
