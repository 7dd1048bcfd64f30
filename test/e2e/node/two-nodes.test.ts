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

describe.skipIf(!hasMariaDb || !hasRedis)(
  withMariaDb("two nodes on one MariaDB and one Redis"),
  { timeout: 120_000 },
  () => {
    let mariadb: MariaDb;
    let redis: Awaited<ReturnType<typeof openRedis>>;
    let hook: Awaited<ReturnType<typeof openHttpCatch>>;
    let first: NodeProcess;
    let config: string;
    beforeAll(async () => {
      [mariadb, redis, hook] = await Promise.all([openMariaDb(), openRedis(), openHttpCatch()]);
      const place = await mariadb.makeDatabase("two");
      config = siteConfig(webhookContact(hook.url) + sharedConfig(place, redis.url) + loadRule);
      first = await openNode({ config, environment: withoutTelegraf });
      await first.tokenOf("ingest");
    });
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

    it("refuses the second while the first works, naming it; killed, the second starts over its records", async () => {
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
      expect(Date.now() - killedAt).toBeGreaterThan(holdMs - 5000);
      const { items } = (await second.api("GET", "/api/v1/alerts")).body;
      await second.close();
      expect(items).toHaveLength(2);
    });
  },
);
