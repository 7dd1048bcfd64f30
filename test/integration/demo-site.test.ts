import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import nodemailer from "nodemailer";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { PlacedDevice } from "#apps/demo-site/stations.ts";
import { readProfiles } from "#internal/autodeploy/profiles/read.ts";
import { checkConfig } from "#pkg/config/check.ts";
import type { FoundDevice } from "#pkg/contracts/reading.ts";
import type { ScanContext, ScanCredential, Scanner } from "#pkg/contracts/scanner.ts";
import { silentLogger } from "#pkg/logger/logger.ts";
import { plugins } from "#plugins/index.gen.ts";
import { until } from "#test/fixtures/until.ts";

const root = join(import.meta.dirname, "../..");
/** A network of its own, so that tests side by side do not meet. */
const hostBase = `127.77.${1 + Math.floor(Math.random() * 250)}.1`;
const argv = ["--host-base", hostBase, "--http", "127.0.0.1:0", "--smtp", "127.0.0.1:0", "--seed", "7"];

const context: ScanContext = {
  pace: { perSecond: 0, perNetworkPerSecond: 0, perDeviceMs: 0, afterConnectMs: 0, timeoutMs: 1000, retries: 2 },
  signal: AbortSignal.timeout(300_000),
  progress: () => undefined,
  journal: () => undefined,
};

function scanner(id: string): Scanner {
  const plugin = plugins.find((one) => one.kind === "scanner" && one.id === id);
  if (!plugin) throw new Error(`there is no scanner ${id}`);
  const config = checkConfig(plugin.config, {}, (path) => path.join("."));
  const http = { post: () => Promise.reject(new Error("a scanner needs no HTTP")) };
  // The kind was looked at above.
  return plugin.create({ config, http, now: Date.now, log: silentLogger }) as Scanner;
}

describe("demo site", { timeout: 120_000 }, () => {
  let child: ChildProcess;
  let http = "";
  let smtp = "";
  beforeAll(async () => {
    child = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", "apps/demo-site/main.ts", ...argv], {
      cwd: root,
      stdio: ["pipe", "pipe", "inherit"],
    });
    const [line] = await once(child.stdout ?? process.stdin, "data");
    ({ http, smtp } = JSON.parse(String(line)));
  });
  afterAll(async () => {
    if (child.exitCode === null) child.kill("SIGKILL");
  });

  const json = async (path: string, body?: unknown) => {
    const init = body === undefined ? {} : { method: "POST", body: JSON.stringify(body) };
    const answer = await fetch(new URL(path, http), init);
    // The shapes are the demo site's own; `expect` looks at them.
    return { status: answer.status, body: (await answer.json()) as { items: PlacedDevice[] } };
  };
  const places = async (): Promise<PlacedDevice[]> => (await json("/devices.json")).body.items;

  async function find(id: string, ports: readonly number[], credentials: readonly ScanCredential[]) {
    const addresses = [...new Set((await places()).map((place) => place.address))];
    const profiles = await readProfiles([join(root, "plugins/devices")]);
    const found: FoundDevice[] = [];
    const task = { addresses, total: addresses.length, ports, credentials, busy: new Set<string>(), profiles };
    for await (const device of scanner(id).scan(task, context)) found.push(device);
    return found.toSorted((a, b) => a.endpoint.address.localeCompare(b.endpoint.address, "en", { numeric: true }));
  }

  it("is found and understood by the SNMP scanner, down to the maker nobody knows", async () => {
    const found = await find(
      "snmp",
      [1161],
      [
        { type: "snmp", version: "1", community: "public" },
        { type: "snmp", version: "2c", community: "public" },
      ],
    );
    expect(found.map((device) => [device.sysName, device.kind, device.problems])).toEqual([
      ["r1-a01-pl", "pdu", []],
      ["r1-a01-pr", "pdu", []],
      ["r1-a02-pl", "pdu", []],
      ["r1-a02-pr", "pdu", []],
      ["r1-ups-1", "ups", []],
      ["r1-crac-1", "cooling", []],
      ["r1-sw-1", "switch", []],
      ["r1-env-1", expect.stringMatching(/^(sensor|device)$/), []],
    ]);
    const currents = found[0]?.readings.filter((reading) => reading.field === "current") ?? [];
    expect(currents).toHaveLength(3);
    for (const { value } of currents) expect(value).toSatisfy((amps: number) => amps > 4 && amps < 11);
    const air = found[5]?.readings.filter((reading) => reading.kind === "temperature") ?? [];
    expect(air.length).toBeGreaterThanOrEqual(3);
    for (const { value } of air) expect(value).toSatisfy((celsius: number) => celsius > 15 && celsius < 30);
    expect(found[6]).toMatchObject({ vendor: "HPE", model: "5130-8G-EI", serial: "DEMO5130A001" });
  });

  it("is found by the Modbus scanner: every unit behind the gateway, and the meter by function 43/14", async () => {
    const framings = ["tcp", "rtu-over-tcp"] as const;
    const found = await find("modbus", [1502, 7000, 7001], [{ type: "modbus", unitIds: [0, 1, 2], framings }]);
    const seen = found.map(({ endpoint, model, serial }) => [
      endpoint.port,
      "unitId" in endpoint ? endpoint.unitId : null,
      model,
      serial,
    ]);
    expect(seen).toEqual([
      [7000, 0, "PDU1315", "DEMO13150001"],
      [7000, 1, "PDU4425", "DEMO44250001"],
      [7000, 2, "PDUE428", "DEMOE4280003"],
      [7001, 0, "PDU1315", "DEMO13150002"],
      [1502, 1, "PM5110", null],
    ]);
    for (const device of found) {
      expect(device.problems).toEqual([]);
      const currents = device.readings.filter((reading) => reading.field === "current");
      expect(currents).toHaveLength(3);
      for (const { value } of currents) expect(value).toSatisfy((amps: number) => amps > 4 && amps < 11);
    }
  });

  it("starts a fault on demand, and refuses one that the device does not know", async () => {
    expect(await json("/faults", { device: "r1-a01-pl", fault: "on_battery" })).toMatchObject({ status: 400 });
    expect(await json("/faults", { device: "r1-a01-pl" })).toMatchObject({ status: 400 });
    expect(await json("/faults", { device: "r1-a01-pl", fault: "over_current" })).toMatchObject({ status: 201 });
    expect((await json("/faults")).body.items[0]).toMatchObject({ device: "r1-a01-pl", active: true });
    const found = await find("snmp", [1161], [{ type: "snmp", version: "1", community: "public" }]);
    const first = found[0]?.readings.find((reading) => reading.field === "current" && reading.tags["phase"] === "L1");
    expect(first?.value).toBeGreaterThan(12);
  });

  it("keeps a silent device silent", async () => {
    await json("/faults", { device: "r1-a01-pr", fault: "silent" });
    const found = await find("snmp", [1161], [{ type: "snmp", version: "1", community: "public" }]);
    expect(found.map((device) => device.sysName)).toEqual(["r1-a01-pl"]);
  });

  it("shows mails and webhooks, newest first, with everything foreign escaped", async () => {
    const [host, port] = smtp.split(":");
    const mail = { from: "d@example.org", to: "o@example.org", subject: "<b>mail</b>", text: "<script>1</script>" };
    await nodemailer.createTransport({ host, port: Number(port), ignoreTLS: true }).sendMail(mail);
    const alerts = [{ status: "firing", labels: { alertname: "<i>hook</i>", severity: "critical" } }];
    await json("/hook", { version: "4", alerts });
    expect(await json("/hook", "x".repeat(300_000))).toMatchObject({ status: 400 });
    const { items } = (await json("/inbox.json")).body;
    expect(items).toMatchObject([
      { kind: "webhook", subject: "FIRING <i>hook</i> (critical)" },
      { kind: "email", subject: "<b>mail</b>", to: "o@example.org" },
    ]);
    const page = await (await fetch(new URL("/?lang=zh-TW", http))).text();
    expect(page).toContain("示範收件匣");
    expect(page).toContain("&lt;b&gt;mail&lt;/b&gt;");
    expect(page).not.toMatch(/<script|<i>|<b>/);
  });

  it("ends with its standard input", async () => {
    child.stdin?.end();
    await until(() => child.exitCode !== null, 40_000);
    expect(child.exitCode).toBe(0);
  });
});
