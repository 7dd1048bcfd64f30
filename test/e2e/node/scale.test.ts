import { setTimeout as wait } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { awakeMs } from "#test/fixtures/awake.ts";
import { openHttpCatch } from "#test/fixtures/http-catch.ts";
import { type NodeProcess, openNode } from "#test/fixtures/node-process.ts";
import { telegrafBin } from "#test/fixtures/requirements.ts";
import { soon, until } from "#test/fixtures/until.ts";
import { siteConfig, webhookContact, withoutTelegraf } from "./config.ts";
import { oids, openDeltaPdu } from "./delta-pdu.ts";
import { bringOnline } from "./devices.ts";
import { hasServers, openServers, type Servers, withServers } from "./servers.ts";
import { loadRule, notToldOnce, startShift } from "./shift.ts";
import { heardOnce } from "./webhook.ts";

const backWithinMs = 10_000;
const time = "\\d{4}-\\d\\d-\\d\\dT[\\d:.]+Z";

describe.skipIf(!hasServers)(
  withServers("a whole node on MariaDB, Redis, VictoriaMetrics and InfluxDB"),
  { timeout: 120_000 },
  () => {
    let servers: Servers;
    let node: NodeProcess;
    let hook: Awaited<ReturnType<typeof openHttpCatch>>;
    let pdu: Awaited<ReturnType<typeof openDeltaPdu>>;
    beforeAll(async () => {
      [servers, hook, pdu] = await Promise.all([
        openServers(),
        openHttpCatch(),
        openDeltaPdu({ address: "127.0.67.7" }),
      ]);
      node = await openNode({
        config: siteConfig(webhookContact(hook.url) + servers.config + loadRule),
        environment: telegrafBin === undefined ? withoutTelegraf : {},
      });
      await node.tokenOf("ingest");
      await node.tokenOf("admin");
    });
    afterAll(async () => {
      await node?.close();
      await Promise.all([servers?.close(), pdu?.close(), hook?.close()]);
    });

    type Part = { status: string; detail: string; since: string };
    const health = async (): Promise<Record<string, Part>> =>
      (await node.api("GET", "/api/health", undefined, "")).body.parts;
    const untilWell = (parts: readonly string[], withinMs: number) =>
      until(async () => {
        const now = await health();
        return parts.every((part) => now[part]?.status === "ok");
      }, withinMs);
    const missing = (wanted: Iterable<string>, there: ReadonlySet<string>) =>
      [...wanted].filter((one) => !there.has(one));

    it.skipIf(telegrafBin === undefined)(
      "finds a device, reads it, judges, tells; both stores have its readings",
      async () => {
        await bringOnline(node, pdu, { room: "R1" });
        pdu.set(oids.currentL1, 172);
        const told = () => heardOnce(hook).filter(({ labels }) => labels["device"] === pdu.key);
        await until(() => told().length > 0, 20_000);
        expect(told()[0]).toMatchObject({ status: "firing", labels: { alertname: "PduOverCurrent", phase: "L1" } });
        pdu.set(oids.currentL1, 51);
        await until(() => told().length > 1, 20_000);
        expect(told().map(({ status }) => status)).toEqual(["firing", "resolved"]);
        const inInflux = async () =>
          JSON.stringify(await servers.influx.query(`select current from pdu where phase = 'L1'`, "site"));
        await until(async () => /,17\.2\]/.test(await inInflux()), 40_000);
        const inVictoria = async () => {
          const selector = encodeURIComponent('pdu_current{phase="L1",room="R1"}');
          return (await fetch(`${servers.victoria.url}/api/v1/export?match[]=${selector}`)).text();
        };
        // It shows the samples of a new series some ten seconds after it has acknowledged them.
        await until(async () => (await inVictoria()).includes("17.2"), 40_000);
      },
    );

    const faults: {
      name: string;
      parts: string[];
      says(): RegExp;
      begin(): Promise<void>;
      end(): Promise<void>;
      lastsMs?: number;
      /** A store forgets by itself what it acknowledged long before. */
      forgets?: true;
    }[] = [
      {
        name: "MariaDB is killed",
        parts: ["sql"],
        says: () => new RegExp(`127\\.0\\.0\\.1:${servers.mariadb.port}`),
        begin: async () => servers.mariadb.signal("SIGKILL"),
        end: () => servers.mariadb.start(),
      },
      {
        name: "Redis is killed and comes back empty",
        parts: ["bus", "cache"],
        says: () =>
          new RegExp(`127\\.0\\.0\\.1:${servers.redis.port}.* since ${time}|since ${time}.*:${servers.redis.port}`),
        begin: () => servers.redis.kill(),
        end: () => servers.redis.startEmpty(),
      },
      {
        name: "Redis hangs",
        parts: ["bus", "cache"],
        says: () =>
          new RegExp(`127\\.0\\.0\\.1:${servers.redis.port}.* since ${time}|since ${time}.*:${servers.redis.port}`),
        begin: async () => servers.redis.signal("SIGSTOP"),
        end: async () => servers.redis.signal("SIGCONT"),
      },
      {
        name: "VictoriaMetrics is killed and comes back empty, InfluxDB hangs",
        parts: ["metric_stores"],
        says: () =>
          new RegExp(
            `vm1 at http://127\\.0\\.0\\.1:${servers.victoria.port}: away since ${time}.*plant at http://127\\.0\\.0\\.1:${servers.influx.port}: no answer for`,
          ),
        async begin() {
          servers.influx.signal("SIGSTOP");
          await servers.victoria.kill();
        },
        async end() {
          servers.influx.signal("SIGCONT");
          await servers.victoria.startEmpty();
        },
        forgets: true,
      },
    ];

    it.each(faults)("goes on when $name: nothing lost, nothing told twice, health says it", async (fault) => {
      const { name, parts, says, begin, end, lastsMs = 500, forgets } = fault;
      await using shift = startShift(node, name.replaceAll(/\W/g, ""));
      await until(() => shift.acknowledged.samples.size > 8 && shift.acknowledged.rules.length > 0);
      await untilWell(parts, backWithinMs);
      const begunAt = Date.now();
      await using mended = new AsyncDisposableStack(); // also when this test fails: the next needs the servers
      mended.defer(end);
      await begin();
      for (const part of parts) {
        const said = await until(async () => {
          const now = (await health())[part];
          return now && now.status !== "ok" && says().test(now.detail) ? now : undefined;
        }, 10_000).catch(async (error: unknown) => {
          throw new Error(`${part}: ${JSON.stringify((await health())[part])}`, { cause: error });
        });
        expect(Date.parse(said.since)).toBeGreaterThan(begunAt - 1000);
      }
      await wait(lastsMs);
      await mended.disposeAsync();
      const [backAt, backAwakeMs] = [Date.now(), awakeMs()];
      await untilWell(parts, backWithinMs);
      const fresh = () => [...shift.acknowledged.samples].find(([key, at]) => at > backAt && key.endsWith(" 20"))?.[0];
      const device = (await until(fresh)).split(" ")[0];
      await until(() => heardOnce(hook).some(({ labels }) => labels["device"] === device), backWithinMs);
      const rules = shift.acknowledged.rules.length;
      await until(() => shift.acknowledged.rules.length > rules, backWithinMs);
      expect(awakeMs() - backAwakeMs).toBeLessThan(backWithinMs);

      const acknowledged = await shift.stop();
      await until(() => notToldOnce(acknowledged, hook).length === 0, 20_000).catch(() => undefined);
      expect(notToldOnce(acknowledged, hook)).toEqual([]);
      for (const id of acknowledged.rules) expect((await node.api("GET", `/api/v1/rules/${id}`)).status).toBe(200);
      const wanted = [...acknowledged.samples.keys()];
      const kept = wanted.filter((key) => !forgets || (acknowledged.samples.get(key) ?? 0) > begunAt);
      // As above.
      await until(async () => missing(kept, await servers.inVictoria()).length === 0, 40_000).catch(() => undefined);
      expect(missing(kept, await servers.inVictoria())).toEqual([]);
      await until(async () => missing(wanted, await servers.inInflux()).length === 0).catch(() => undefined);
      expect(missing(wanted, await servers.inInflux())).toEqual([]);
    });

    it("is killed while Redis is away, started without it, and tells all once it is back", async () => {
      await using shift = startShift(node, "twice");
      await until(() => shift.acknowledged.samples.size > 8);
      await servers.redis.kill();
      await wait(500);
      await node.kill("SIGKILL");
      await node.start();
      await soon(async () => expect((await health())["bus"]).toMatchObject({ status: "degraded" }));
      const count = shift.acknowledged.samples.size;
      await until(() => shift.acknowledged.samples.size > count + 4);
      const acknowledged = await shift.stop();
      await servers.redis.startEmpty();
      await untilWell(["bus", "cache", "sql", "metric_stores"], backWithinMs);
      await until(() => notToldOnce(acknowledged, hook).length === 0, 20_000).catch(() => undefined);
      expect(notToldOnce(acknowledged, hook)).toEqual([]);
    });
  },
);
