import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { entry } from "#test/fixtures/command.ts";
import { openHttpCatch } from "#test/fixtures/http-catch.ts";
import { type NodeProcess, openNode } from "#test/fixtures/node-process.ts";
import { telegrafBin, withTelegraf } from "#test/fixtures/requirements.ts";
import { until } from "#test/fixtures/until.ts";
import { siteConfig } from "./config.ts";
import { oids, openDeltaPdu } from "./delta-pdu.ts";
import { bringOnline } from "./devices.ts";

const values = {
  pdu: "c0mmunity-Zx81",
  "hook-path": "p4th-Qw92",
  bearer: "b34rer-Er73",
  mail: 'm41l-"Ty64"',
};
const laterBearer = "b34rer-new-Ui55";

function setSecret(dataFolder: string, name: string, input: string) {
  return spawnSync(process.execPath, [...entry, "secret", "set", name, "--data", dataFolder], {
    input,
    encoding: "utf8",
  });
}

describe.skipIf(telegrafBin === undefined)(withTelegraf("secrets in a whole run"), { timeout: 120_000 }, () => {
  let node: NodeProcess;
  let hook: Awaited<ReturnType<typeof openHttpCatch>>;
  let pdu: Awaited<ReturnType<typeof openDeltaPdu>>;
  let seen = "";
  const elsewhere = mkdtempSync(join(tmpdir(), "detectviz-backup-"));
  beforeAll(async () => {
    hook = await openHttpCatch();
    pdu = await openDeltaPdu({ address: "127.0.62.9", community: values.pdu });
    const more = `[[scan.credentials]]
type = "snmp"
version = "1"
community = "secret://pdu"

[[contacts]]
name = "Duty"
channels = [{ type = "webhook", url = "secret://hook", bearer = "secret://bearer" }]

[plugins.notifier.email]
host = "127.0.0.1"
port = 1
password = "secret://mail"
`;
    node = await openNode({
      config: siteConfig(more),
      prepare(folder) {
        const url = `${hook.url}/${values["hook-path"]}`;
        for (const [name, value] of Object.entries({ ...values, hook: url }))
          setSecret(join(folder, "data"), name, value);
      },
    });
  });
  afterAll(async () => {
    await node?.close();
    await pdu?.close();
    await hook?.close();
    rmSync(elsewhere, { recursive: true, force: true });
  });

  const tell = async (tenths: number) => {
    const before = hook.requests.length;
    pdu.set(oids.currentL1, tenths);
    return until(() => hook.requests[before], 30_000);
  };

  it("are used: by the scan, by Telegraf, by the webhook", async () => {
    const device = await bringOnline(node, pdu, {}, { credentials: undefined });
    expect(device).toMatchObject({ state: "online", vendor: "Delta" });
    const told = await tell(172);
    expect(told).toMatchObject({
      path: `/${values["hook-path"]}`,
      headers: { authorization: `Bearer ${values.bearer}` },
    });
  });

  it("are replaced while the node runs; a renewed key changes nothing for anybody", async () => {
    const set = setSecret(node.dataFolder, "bearer", laterBearer);
    expect(set).toMatchObject({ status: 0, stdout: 'bearer: version 2; use it as "secret://bearer"\n', stderr: "" });
    expect(await node.run("secret", "rotate", "--key")).toMatchObject({ code: 0, stderr: "" });
    expect((await tell(51)).headers.authorization).toBe(`Bearer ${laterBearer}`);
    const expiring = await node.run("secret", "rotate", "hook-path");
    expect(expiring.stdout).toMatch(/^[\w-]{43}\n$/);
  });

  it("warn before they expire, in /api/health", async () => {
    const args = [...entry, "secret", "set", "mail", "--expires", "3d", "--data", node.dataFolder];
    expect(spawnSync(process.execPath, args, { input: values.mail }).status).toBe(0);
    const { body } = await node.api("GET", "/api/health/secrets");
    expect(body).toMatchObject({ status: "degraded", detail: expect.stringContaining("mail expires in 3 d") });
    const { items } = (await node.api("GET", "/api/v1/secrets")).body;
    expect(items.map((one: { name: string; version: number }) => [one.name, one.version])).toContainEqual(["mail", 2]);
  });

  it("are set on the node's own machine only", async () => {
    const set = await node.api("POST", "/api/v1/secrets", { name: "x", value: "y" });
    expect(set).toMatchObject({ status: 403, body: { detail: expect.stringContaining("own machine") } });
    expect((await node.api("POST", "/api/v1/secret-key/renew")).status).toBe(403);
    expect((await node.api("POST", "/api/v1/secrets/mail/rotate")).status).toBe(403);
    expect((await node.api("DELETE", "/api/v1/secrets/mail")).status).toBe(403);
    expect((await node.api("GET", "/api/v1/secrets", undefined, "engineer")).status).toBe(403);
  });

  it("a missing one is one error with place and command, and the old configuration stays", async () => {
    expect((await node.run("secret", "delete", "mail")).code).toBe(0);
    const health = await until(async () => {
      const { body } = await node.api("GET", "/api/health/config");
      return body.status === "degraded" && body;
    });
    expect(health.detail).toMatch(
      /detectviz\.conf:\d+: there is no secret "mail": set it: npx detectviz secret set mail/,
    );
    const checked = await node.run("config", "check");
    expect(checked).toMatchObject({ code: 1, stdout: "" });
    expect(checked.stderr).toContain('there is no secret "mail"');
    setSecret(node.dataFolder, "mail", values.mail);
    await until(async () => (await node.api("GET", "/api/health/config")).body.status === "ok");
  });

  it("stand nowhere: not in the data folder, a backup, the output, answers, pages or the process list", async () => {
    const paths = ["contacts", "audit", "devices", "scans", "rollouts", "notifications", "secrets", "plugins"];
    for (const path of paths) seen += JSON.stringify((await node.api("GET", `/api/v1/${path}`)).body);
    for (const page of ["", "people", "devices", "rollouts"]) seen += (await node.api("GET", `/${page}`)).body;
    const printed = await node.run("config", "print");
    expect(printed.stdout).toContain('community = "secret://pdu"');
    expect(printed.stdout).toContain('bearer = "secret://bearer"');
    const backup = join(elsewhere, "backup");
    expect((await node.run("backup", "--to", backup)).stdout).toContain("keep a copy of");
    seen += printed.stdout + processList();
    await node.kill();
    seen += node.log();
    const files = [...filesUnder(node.folder), ...filesUnder(backup)];
    // Telegraf needs the community in what it reads: the only exception, a folder of the owner's alone.
    const rendered = files.filter((file) => file.startsWith(join(node.dataFolder, "telegraf/")));
    expect(rendered.some((file) => readFileSync(file, "latin1").includes(values.pdu))).toBe(true);
    const others = files.filter((file) => !rendered.includes(file));
    expect(others.length).toBeGreaterThan(20);
    for (const secret of [...Object.values(values), laterBearer]) {
      const forms = [secret, JSON.stringify(secret).slice(1, -1), Buffer.from(secret).toString("base64").slice(0, -4)];
      const isIn = (text: string) => forms.some((form) => text.includes(form));
      expect({ secret, files: others.filter((file) => isIn(readFileSync(file, "latin1"))) }).toEqual({
        secret,
        files: [],
      });
      expect({ secret, isSeen: isIn(seen) }).toEqual({ secret, isSeen: false });
    }
  });
});

function* filesUnder(folder: string): Generator<string> {
  for (const one of readdirSync(folder, { withFileTypes: true, recursive: true })) {
    if (one.isFile()) yield join(one.parentPath, one.name);
  }
}

/** Every process' arguments, as `ps` shows them to anybody, and the environments of the node's own children. */
function processList(): string {
  const pids = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  return pids.map((pid) => readProc(pid, "cmdline") + readProc(pid, "environ")).join("\n");
}

function readProc(pid: string, what: string): string {
  try {
    return readFileSync(`/proc/${pid}/${what}`, "utf8");
  } catch {
    return ""; // it ended meanwhile, or is another's
  }
}
