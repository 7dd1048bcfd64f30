import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type NodeProcess, openNode } from "#test/fixtures/node-process.ts";
import { soon, until } from "#test/fixtures/until.ts";
import { siteConfig, withoutTelegraf } from "./config.ts";
import { oids, openDeltaPdu } from "./delta-pdu.ts";
import { scan } from "./devices.ts";

const profile = (currentOid: string) => `vendor: Made-up
model: PDUE428
kind: pdu
protocol: snmp
match:
  oid: { oid: 1.3.6.1.4.1.2254.2.32.1.6.1.3.1, contains: PDUE428-16A }
readings:
  - { field: voltage, kind: voltage, unit: V, scale: 0.1, tags: { phase: L1 }, oid: ${oids.voltageL1} }
  - { field: current, kind: current, unit: A, scale: 0.1, tags: { phase: L1 }, oid: ${currentOid} }
`;

describe("what a node refuses, while the rest goes on", { timeout: 120_000 }, () => {
  let node: NodeProcess;
  let pdu: Awaited<ReturnType<typeof openDeltaPdu>>;
  const wrongOid = "1.3.6.1.4.1.2254.2.32.2.1.1.99.1";
  const limits = '[ingest]\nmax_body = "64KB"\nqueue = "64KB"\n';
  beforeAll(async () => {
    pdu = await openDeltaPdu({ address: "127.0.64.7" });
    const config = siteConfig(limits).replace('allow = ["127.0.0.0/8"]', 'allow = ["127.0.64.0/24"]');
    node = await openNode({
      config,
      environment: withoutTelegraf,
      prepare(folder) {
        mkdirSync(join(folder, "devices/made-up"), { recursive: true });
        writeFileSync(join(folder, "devices/made-up/pdu.yaml"), profile(wrongOid));
        writeFileSync(join(folder, "devices/made-up/broken.yaml"), profile("1.3.6.1.x"));
      },
    });
  });
  afterAll(async () => {
    await node?.close();
    await pdu?.close();
  });

  it("a range outside the allow-list, by its name and the line that would allow it", async () => {
    const line =
      1 +
      readFileSync(node.configFile, "utf8")
        .split("\n")
        .findIndex((text) => text.startsWith("allow"));
    const answer = await node.api("POST", "/api/v1/scans", { ranges: ["127.0.64.0/28", "10.99.0.0/24"] });
    expect(answer.status).toBe(400);
    expect(answer.headers.get("content-type")).toContain("application/problem+json");
    expect(answer.body).toMatchObject({ code: "bad_request", errors: [{ pointer: "/ranges/1" }] });
    expect(answer.body.detail).toContain("10.99.0.0/24");
    expect(answer.body.detail).toContain(`${node.configFile}:${line}`);
    const across = await node.api("POST", "/api/v1/scans", { ranges: ["127.0.63.0-127.0.64.9"] });
    expect(across.status).toBe(400);
    expect((await node.api("GET", "/api/v1/scans")).body.items).toEqual([]);
  });

  it("a profile with a wrong OID: the device's problem names profile, reading and OID, the rest of it is read", async () => {
    const run = await scan(node, pdu);
    const device = (await node.api("GET", `/api/v1/devices/${run.found[0]}`)).body;
    expect(device).toMatchObject({ profile: "made-up/pdu", vendor: "Made-up" });
    const [problem] = device.problems;
    for (const word of ["made-up/pdu", "current", wrongOid]) expect(problem.detail).toContain(word);
    const { items } = (await node.api("GET", `/api/v1/devices/${device.id}/readings`)).body;
    const own = items.filter((one: { tags: object }) => "phase" in one.tags);
    expect(own).toMatchObject([{ metric: "pdu_voltage", value: 230, source: oids.voltageL1 }]);
  });

  it("a profile file that cannot be read, with file, line and key; the others serve", async () => {
    const part = (await node.api("GET", "/api/health/profiles")).body;
    expect(part.status).toBe("degraded");
    expect(part.detail).toContain(`${node.folder}/devices/made-up/broken.yaml:9`);
    expect(part.detail).toContain("readings.1.oid");
    const checked = await node.run("config", "check");
    expect(checked.code).toBe(1);
    expect(checked.stderr).toContain("broken.yaml:9");
  });

  it("a mended profile is taken over while the node runs", async () => {
    writeFileSync(join(node.folder, "devices/made-up/broken.yaml"), profile(oids.currentL1).replace("-16A", "-99X"));
    writeFileSync(join(node.folder, "devices/made-up/pdu.yaml"), profile(oids.currentL1));
    await until(async () => (await node.api("GET", "/api/health/profiles")).body.status === "ok");
    const run = await scan(node, pdu);
    const device = (await node.api("GET", `/api/v1/devices/${run.found[0]}`)).body;
    expect(device.problems).toEqual([]);
    const { items } = (await node.api("GET", `/api/v1/devices/${device.id}/readings`)).body;
    expect(items.some((one: { source: string }) => one.source === oids.currentL1)).toBe(true);
  });

  it("a profile in a folder that was not there at the start", async () => {
    const other = await openNode({ config: siteConfig(), environment: withoutTelegraf });
    try {
      mkdirSync(join(other.folder, "devices/made-up"), { recursive: true });
      writeFileSync(join(other.folder, "devices/made-up/broken.yaml"), profile("1.3.6.1.x"));
      const part = async () => (await other.api("GET", "/api/health/profiles")).body;
      await until(async () => (await part()).detail.includes("broken.yaml:9"));
    } finally {
      await other.close();
    }
  });

  it("a typo during hot reload: the old configuration stays, health says file and line, the mended one is taken", async () => {
    const config = readFileSync(node.configFile, "utf8");
    const place = `${node.configFile}:${config.split("\n").length + 1}`;
    writeFileSync(node.configFile, `${config}\n[telegraf2]\ninterval = "1s"\n`);
    const bad = await until(async () => {
      const { body } = await node.api("GET", "/api/health/config");
      return body.status === "degraded" && body;
    });
    expect(bad.detail).toContain(place);
    expect((await node.api("GET", "/api/health")).status).toBe(200);
    expect((await node.api("POST", "/api/v1/scans", { ranges: ["127.0.64.0/28"], dry_run: true })).status).toBe(202);
    writeFileSync(node.configFile, config.replace('["127.0.64.0/24"]', '["127.0.65.0/24"]'));
    await until(async () => (await node.api("GET", "/api/health/config")).body.status === "ok");
    expect((await node.api("POST", "/api/v1/scans", { ranges: ["127.0.64.0/28"], dry_run: true })).status).toBe(400);
    expect((await node.api("POST", "/api/v1/scans", { ranges: ["127.0.65.0/28"], dry_run: true })).status).toBe(202);
  });

  it("a changed rule file applies at once; a wrong one leaves the rules as they were", async () => {
    const file = join(node.folder, "rules.d/own.toml");
    const rule = (condition: string) => `[[rules]]\nname = "Own"\ncondition = "${condition}"\nlevel = "warning"\n`;
    const own = async () =>
      (await node.api("GET", "/api/v1/rules?search=own")).body.items.find(
        (one: { name: string }) => one.name === "Own",
      );
    await node.write("room,name=r1 smoke=5");
    writeFileSync(file, rule("room_smoke > 9"));
    await soon(async () => expect(await own()).toMatchObject({ source: `${file}:1`, watched: 1 }));
    writeFileSync(file, rule("room_smoke >"));
    await until(async () => (await node.api("GET", "/api/health/config")).body.detail.includes(`${file}:3`));
    expect(await own()).toMatchObject({ condition: "room_smoke > 9" });
    expect((await node.api("GET", "/api/v1/alerts")).body.items).toEqual([]);
    writeFileSync(file, rule("room_smoke > 4"));
    const alert = await until(async () => (await node.api("GET", "/api/v1/alerts")).body.items[0]);
    expect(alert.labels).toMatchObject({ alertname: "Own", name: "r1" });
    const readOnly = await node.api("PATCH", `/api/v1/rules/${(await own()).id}`, { description: "x" });
    expect(readOnly).toMatchObject({ status: 409, body: { code: "read_only" } });
    expect(JSON.stringify(readOnly.body)).toContain(file);
  });

  it("a broken line among good ones: 400 lists it, the good ones can be queried", async () => {
    const answer = await node.write("hall,name=a lux=1\nhall,name=b lux=oops\nhall,name=c lux=3\nhall name=\n");
    expect(answer).toMatchObject({ status: 400, body: { accepted: 2, rejected: [{ line: 2 }, { line: 4 }] } });
    const { body } = await node.api("GET", "/api/v1/query?query=hall_lux");
    expect(body.data.result.map(({ metric }: { metric: { name: string } }) => metric.name).sort()).toEqual(["a", "c"]);
  });

  it("a broken gzip, a body that is too large, unpacked too, and a wrong token", async () => {
    const gzip = { "content-encoding": "gzip" };
    const whole = gzipSync("hall,name=d lux=4\n");
    expect((await node.write(whole, gzip)).status).toBe(204);
    expect(await node.write(whole.subarray(0, 20), gzip)).toMatchObject({ status: 400, body: { code: "bad_request" } });
    expect(await node.write("hall,name=e lux=5", gzip)).toMatchObject({ status: 400 });
    const large = "#".repeat(70_000);
    expect(await node.write(large)).toMatchObject({ status: 413, body: { code: "too_large" } });
    expect(await node.write(gzipSync(large), gzip)).toMatchObject({ status: 413, body: { code: "too_large" } });
    const foreign = await fetch(`${node.url}/write`, {
      method: "POST",
      body: "x y=1",
      headers: { authorization: "Token no" },
    });
    expect(foreign.status).toBe(401);
    expect((await node.write("hall,name=f lux=6")).status).toBe(204);
  });

  it("more than the queue holds: 503 with Retry-After, and what was acknowledged is there", async () => {
    const body = (n: number) =>
      Array.from({ length: 900 }, (_, row) => `full,writer=w${n},row=r${row} value=1`).join("\n");
    const answers = await Promise.all(Array.from({ length: 60 }, (_, n) => node.write(body(n))));
    const refused = answers.filter(({ status }) => status !== 204);
    expect(refused.length).toBeGreaterThan(0);
    for (const { status, headers } of refused) {
      expect(status).toBe(503);
      expect(Number(headers.get("retry-after"))).toBeGreaterThan(0);
    }
    const { data } = (await node.api("GET", '/api/v1/query?query=full_value{row="r899"}')).body;
    const stored = data.result.map(({ metric }: { metric: { writer: string } }) => metric.writer).sort();
    expect(stored).toEqual(answers.flatMap(({ status }, n) => (status === 204 ? [`w${n}`] : [])).sort());
    expect((await node.write("hall,name=g lux=7")).status).toBe(204);
  });
});
