import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { BinarySource } from "#internal/fleet/binary.ts";
import { openFleet } from "#internal/fleet/fleet.ts";
import { readStartTicks } from "#internal/fleet/proc.ts";
import { systemClock } from "#pkg/clock/clock.ts";
import { silentLogger } from "#pkg/logger/logger.ts";
import { openHttpCatch } from "#test/fixtures/http-catch.ts";
import { until } from "#test/fixtures/until.ts";
import { openRealTelegraf, telegrafBin } from "./fleet-telegraf.ts";

const files = (tag: string) => ({
  "telegraf.conf": [
    '[agent]\ninterval = "1s"\nflush_interval = "1s"\nomit_hostname = true\nskip_processors_after_aggregators = true',
    `[[outputs.influxdb_v2]]\nurls = ["\${DETECTVIZ_INGEST_URL}"]\ntoken = "\${DETECTVIZ_INGEST_TOKEN}"`,
    'organization = "d"\nbucket = "d"\ncontent_encoding = "identity"',
    `[[inputs.internal]]\ncollect_memstats = false\n[inputs.internal.tags]\nunit = "${tag}"`,
  ].join("\n"),
  "telegraf.d/none.conf": "",
});

describe.skipIf(telegrafBin === undefined)(
  "fleet with a real Telegraf (set TELEGRAF_BIN, or start the node once: it builds one)",
  { timeout: 120_000 },
  () => {
    let folder: string;
    let binary: BinarySource;
    let server: Awaited<ReturnType<typeof openHttpCatch>>;
    let environment: Record<string, string>;
    const closing: (() => Promise<void>)[] = [];

    const open = (keepOnStop = false) => {
      const fleet = openFleet({
        folder,
        binary,
        environment,
        keepOnStop: () => keepOnStop,
        clock: systemClock,
        log: silentLogger,
      });
      closing.push(() => fleet.close());
      return fleet;
    };
    const seen = (text: string) => server.requests.some((request) => request.body.includes(text));

    beforeEach(async () => {
      folder = mkdtempSync(join(tmpdir(), "detectviz-fleet-"));
      server = await openHttpCatch(() => ({ status: 204 }));
      environment = { DETECTVIZ_INGEST_URL: server.url, DETECTVIZ_INGEST_TOKEN: "secret-1" };
      binary = await openRealTelegraf();
    });

    afterEach(async () => {
      for (const close of closing.splice(0)) await close();
      await binary.close();
      await server.close();
      rmSync(folder, { recursive: true, force: true });
    });

    it("runs a unit that writes back with its token, and ends it with the node", async () => {
      const fleet = open();
      await fleet.apply("u-1", files("u-1"), ["10.0.0.1:161:0"]);
      const [unit] = await until(() => (fleet.units()[0]?.state === "running" ? fleet.units() : undefined));
      await until(() => seen("internal_agent,"));
      expect(server.requests[0]?.headers.authorization).toBe("Token secret-1");
      expect(server.requests.some(({ body }) => body.includes("unit=u-1"))).toBe(true);
      expect(unit).toMatchObject({ devices: ["10.0.0.1:161:0"], restarts: 0, lastError: null });
      expect(await fleet.files("u-1")).toEqual(files("u-1"));
      await until(() => fleet.units()[0]?.log.some((line) => line.includes("Starting Telegraf")));
      await fleet.close();
      expect(readStartTicks(unit?.pid ?? 0)).toBeUndefined();
    });

    it("restarts what ends, with a back-off, and says what Telegraf said last", async () => {
      const fleet = open();
      await fleet.apply("u-1", files("u-1"), []);
      const first = await until(() => fleet.units()[0]?.pid);
      process.kill(first, "SIGKILL");
      const backing = await until(() => fleet.units().find((unit) => unit.state === "backing_off"));
      expect(backing).toMatchObject({ pid: null, lastError: "ended by SIGKILL" });
      const again = await until(() => fleet.units().find((unit) => unit.pid !== null));
      expect(again.restarts).toBe(1);
      await fleet.apply("u-1", { ...files("u-1"), "telegraf.d/none.conf": "[[inputs.nothing]]\n" }, []);
      const bad = await until(() => fleet.units().find((unit) => unit.state === "backing_off"));
      expect(bad.lastError).toContain("nothing");
      await fleet.apply("u-1", {}, []);
      expect(fleet.units()).toEqual([]);
    });

    it("takes over the very process after the node was killed", async () => {
      const fleet = open(true);
      await fleet.apply("u-1", files("u-1"), ["d"]);
      await fleet.apply("u-2", files("u-2"), ["e"]);
      await fleet.close();
      const node = await startNode(folder, environment);
      const pids = fleet.units().map((unit) => unit.pid);
      node.kill("SIGKILL");
      await new Promise((resolve) => node.once("exit", resolve));
      expect(pids.map((pid) => readStartTicks(pid ?? 0))).not.toContain(undefined);
      server.requests.length = 0;
      await until(() => seen("unit=u-1"));
      const second = open();
      await until(() => second.units().every((unit) => unit.state === "running"));
      expect(second.units().map((unit) => [unit.pid, unit.devices])).toEqual([
        [pids[0], ["d"]],
        [pids[1], ["e"]],
      ]);
      process.kill(pids[0] ?? 0, "SIGKILL");
      await until(() => second.units()[0]?.state === "backing_off");
      await second.close();
      expect(readStartTicks(pids[1] ?? 0)).toBeUndefined();
    });

    it("ends a process that no longer is what the unit should be before it starts another", async () => {
      const fleet = open(true);
      await fleet.apply("u-1", files("u-1"), []);
      const before = await until(() => fleet.units()[0]?.pid);
      await fleet.close();
      environment = { ...environment, DETECTVIZ_INGEST_TOKEN: "secret-2" };
      const second = open(true);
      const after = await until(() => second.units()[0]?.pid);
      expect(after).not.toBe(before);
      expect(readStartTicks(before)).toBeUndefined();
      await second.close();
      // The record of the process is lost, as when the node dies between starting it and writing it down.
      rmSync(join(folder, "units", "u-1", "process.json"));
      const third = open();
      await until(() => third.units()[0]?.pid);
      expect(readStartTicks(after)).toBeUndefined();
    });

    it("checks and tests in folders of their own, and hides the machine's environment", async () => {
      const fleet = open();
      const bad = await fleet.check({ "telegraf.conf": "[[inputs.internal]]\nnonsense = 1\n" });
      expect(bad.ok).toBe(false);
      expect(bad.output).toContain("nonsense");
      const text = `[[inputs.internal]]\n[inputs.internal.tags]\nhome = "x\${HOME}x$PATH"\n`;
      expect((await fleet.check({ "telegraf.conf": text })).ok).toBe(true);
      const { lines } = await fleet.test({ "telegraf.conf": text }, 20_000);
      expect(lines.find((line) => line.startsWith("internal_agent"))).toContain(`home=x\${HOME}x$PATH`);
      await expect(fleet.check({ "../evil.conf": "" })).rejects.toThrow("is no file of a unit");
      await expect(fleet.apply("../evil", { "telegraf.conf": "" }, [])).rejects.toThrow("is no name of a unit");
    });
  },
);

async function startNode(folder: string, environment: Readonly<Record<string, string>>): Promise<ChildProcess> {
  const script = join(import.meta.dirname, "fleet-node.ts");
  const node = spawn(process.execPath, [script, folder, JSON.stringify(environment)], {
    env: { ...process.env, TELEGRAF_BIN: telegrafBin },
    stdio: ["ignore", "pipe", "inherit"],
  });
  await new Promise((resolve) => node.stdout?.once("data", resolve));
  return node;
}
