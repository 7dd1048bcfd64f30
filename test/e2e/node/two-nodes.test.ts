import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { detectviz } from "#test/fixtures/command.ts";
import { openHttpCatch } from "#test/fixtures/http-catch.ts";
import { hasMariaDb, type MariaDb, openMariaDb, withMariaDb } from "#test/fixtures/mariadb.ts";
import { type NodeProcess, openNode } from "#test/fixtures/node-process.ts";
import { freePort } from "#test/fixtures/ports.ts";
import { hasRedis, openRedis } from "#test/fixtures/redis.ts";
import { until } from "#test/fixtures/until.ts";
import { siteConfig, webhookContact, withoutTelegraf } from "./config.ts";
import { sharedConfig } from "./servers.ts";
import { loadRule } from "./shift.ts";
import { heardOnce } from "./webhook.ts";

/** A dead node's hold on its database. */
const holdMs = 10_000;
const everySecond = `[[scan.ranges]]
range = "127.0.67.10"
protocols = ["snmp"]
schedule = "* * * * * *"
at_start = false
`;

describe.skipIf(!hasMariaDb || !hasRedis)(
  withMariaDb("two nodes on one MariaDB and one Redis"),
  { timeout: 90_000 },
  () => {
    let mariadb: MariaDb;
    let redis: Awaited<ReturnType<typeof openRedis>>;
    let hook: Awaited<ReturnType<typeof openHttpCatch>>;
    let first: NodeProcess;
    let config: string;
    beforeAll(async () => {
      [mariadb, redis, hook] = await Promise.all([openMariaDb(), openRedis(), openHttpCatch()]);
      const place = await mariadb.makeDatabase("two");
      config = siteConfig(webhookContact(hook.url) + sharedConfig(place, redis.url) + loadRule + everySecond);
      first = await openNode({ config, environment: withoutTelegraf });
      await first.tokenOf("ingest");
    }, 60_000);
    afterAll(async () => {
      await first?.close();
      await Promise.all([mariadb?.close(), redis?.close(), hook?.close()]);
    });

    const write = async (node: NodeProcess, device: string, load: number) =>
      expect((await node.write(`x,device=${device},name=${device} load=${load}`)).status).toBe(204);
    /** Both open the secrets of the database with one key. */
    const withKey = () => ({
      ...withoutTelegraf,
      DETECTVIZ_SECRET_KEY: readFileSync(join(first.dataFolder, "secret.key"), "utf8").trim(),
    });
    const toldOf = (device: string) =>
      heardOnce(hook)
        .filter(({ labels }) => labels["device"] === device)
        .map(({ status }) => status);
    const untilTold = (device: string, ...statuses: string[]) =>
      until(() => toldOf(device).length >= statuses.length, 20_000)
        .catch(() => undefined)
        .then(() => expect(toldOf(device)).toEqual(statuses));

    it("refuses the second while the first works, naming it; killed, the second goes on", async () => {
      await write(first, "a", 20);
      await untilTold("a", "firing");
      const folder = join(first.folder, "second");
      const environment = withKey();
      const flags = ["--config", first.configFile, "--data", folder, "--listen", `127.0.0.1:${await freePort()}`];
      const refused = await detectviz(["start", ...flags], { ...process.env, ...environment });
      expect(refused.code).toBe(1);
      expect(refused.stderr).toMatch(
        new RegExp(
          `another node works on this database: "test site" \\(.*process ${first.pid()}, ${first.dataFolder}\\)`,
        ),
      );
      expect(refused.stderr).toMatch(/→ one node works on a database at a time, .*stand by/);
      await write(first, "b", 20);
      await untilTold("b", "firing");

      await first.kill("SIGKILL");
      const killedAt = Date.now();
      const second = await until(() => openNode({ config, environment }).catch(() => undefined), 40_000);
      try {
        expect(Date.now() - killedAt).toBeGreaterThan(holdMs - 5000);
        await write(second, "c", 20);
        await untilTold("c", "firing");
        const [job] = (await second.api("GET", "/api/v1/jobs")).body.items;
        await until(async () => {
          const { body } = await second.api("GET", "/api/v1/jobs");
          return Date.parse(body.items[0].last_run_at) > Date.parse(job.last_run_at ?? 0);
        });
        expect(await doubleRuns()).toEqual([]);
      } finally {
        await second.close();
      }
    });

    it("ends one of two nodes, where the first hung until the second took over", async () => {
      await first.start();
      process.kill(first.pid(), "SIGSTOP");
      const second = await until(() => openNode({ config, environment: withKey() }).catch(() => undefined), 40_000);
      try {
        process.kill(first.pid(), "SIGCONT");
        const ended = () => [first, second].find((node) => !isAlive(node.pid()));
        const loser = await until(ended, 30_000);
        expect(loser.log()).toContain("may lose its database to another");
        const winner = loser === first ? second : first;
        await until(async () => (await winner.api("GET", "/api/health", undefined, "")).body.parts.sql.status === "ok");
        await winner.write("x,device=d,name=d load=20");
        await untilTold("d", "firing");
      } finally {
        await second.close();
      }
    });

    /** Pairs of runs of one job at the same time. */
    const doubleRuns = () =>
      mariadb.sql(
        "select a.id, b.id as other from two.job_runs a join two.job_runs b on a.job_id = b.job_id and a.id < b.id and a.started_at < b.ended_at and b.started_at < a.ended_at",
      );
  },
);

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
