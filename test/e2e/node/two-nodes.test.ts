import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { detectviz } from "#test/fixtures/command.ts";
import { openHttpCatch } from "#test/fixtures/http-catch.ts";
import { hasMariaDb, type MariaDb, openMariaDb, withMariaDb } from "#test/fixtures/mariadb.ts";
import { type NodeProcess, openNode } from "#test/fixtures/node-process.ts";
import { freePort } from "#test/fixtures/ports.ts";
import { hasRedis, openRedis } from "#test/fixtures/redis.ts";
import { soon, until } from "#test/fixtures/until.ts";
import { siteConfig, webhookContact, withoutTelegraf } from "./config.ts";
import { sharedConfig } from "./servers.ts";
import { loadRule } from "./shift.ts";
import { type HookAlert, untilTold } from "./webhook.ts";

/** A dead node's hold on its database. */
const holdMs = 10_000;

/** All of them mostly wait until a dead node's hold ends. */
const sideBySide = { timeout: 120_000, concurrent: true };

describe.skipIf(!hasMariaDb || !hasRedis)(withMariaDb("two nodes on one MariaDB and one Redis"), sideBySide, () => {
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

  it("refuses the second while the first works, naming it; killed, the second starts over its records", async () => {
    await write(first, "a", 20);
    await untilTold(hook, "a", "firing");
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
    await untilTold(hook, "b", "firing");

    await first.kill("SIGKILL");
    const killedAt = Date.now();
    const second = await until(() => openNode({ config, environment }).catch(() => undefined), 40_000);
    expect(Date.now() - killedAt).toBeGreaterThan(holdMs - 5000);
    const { items } = (await second.api("GET", "/api/v1/alerts")).body;
    await second.close();
    expect(items).toHaveLength(2);
  });
});

const scanRange = `[[scan.ranges]]
range = "127.0.62.77"
protocols = ["snmp"]
schedule = "*/2 * * * * *"
at_start = false
`;

/** What a webhook heard; a repetition of one delivery has its id. */
interface Told {
  what: string;
  delivery: string;
}

/** A run of a job, a job, or a notification. */
interface Item {
  id: string;
  node: string;
  state: string;
  started_at: string;
  ended_at: string | null;
}

describe.skipIf(!hasMariaDb || !hasRedis)(
  withMariaDb("a node that hung until another took over its database"),
  sideBySide,
  () => {
    let mariadb: MariaDb;
    let redis: Awaited<ReturnType<typeof openRedis>>;
    beforeAll(async () => {
      [mariadb, redis] = await Promise.all([openMariaDb(), openRedis()]);
    });
    afterAll(async () => void (await Promise.all([mariadb?.close(), redis?.close()])));

    /** A webhook that takes what it is told, or refuses it for a while. */
    const openHook = async () => {
      let status = 200;
      const taken: Told[] = [];
      const refused: Told[] = [];
      const hook = await openHttpCatch(({ body, headers }) => {
        const { alerts } = JSON.parse(body) as { alerts: HookAlert[] }; // our own webhook's
        const delivery = String(headers["x-detectviz-delivery"]);
        const told = alerts.map((alert) => ({ what: `${alert.labels["device"]} ${alert.status}`, delivery }));
        (status === 200 ? taken : refused).push(...told);
        return { status };
      });
      const answer = (next: number) => {
        status = next;
      };
      const untilTaken = (what: string) => until(() => taken.some((one) => one.what === what), 30_000);
      return { ...hook, taken, refused, answer, untilTaken };
    };
    /** Both nodes stand on the same records, so the tokens of the first open the second. */
    const as = async (role: string, { tokenOf }: NodeProcess) => ({ authorization: `Bearer ${await tokenOf(role)}` });
    const openSite = (first: NodeProcess) => ({
      async write({ url }: NodeProcess, device: string) {
        const request = { method: "POST", headers: await as("ingest", first) };
        const body = `x,device=${device},name=${device} load=20`;
        expect((await fetch(`${url}/write`, { ...request, body })).status).toBe(204);
      },
      async items({ url }: NodeProcess, path: string) {
        const answer = await fetch(`${url}/api/v1${path}`, { headers: await as("admin", first) });
        return ((await answer.json()) as { items: Item[] }).items; // a list of ours
      },
      /** Of the one job, oldest first. */
      async runs(node: NodeProcess) {
        const [job] = await this.items(node, "/jobs");
        return (await this.items(node, `/jobs/${job?.id}/history`)).reverse();
      },
    });
    /** In the middle of one, the server would wait a minute before it frees what that holds. */
    const stopBetweenTransactions = (pid: number, database: string) =>
      until(async () => {
        process.kill(pid, "SIGSTOP");
        await wait(200); // the server renews this table each 100 ms
        const open = await mariadb.sql<unknown[]>(
          `select 1 from information_schema.innodb_trx join information_schema.processlist on id = trx_mysql_thread_id where db = '${database}'`,
        );
        if (open.length === 0) return true;
        process.kill(pid, "SIGCONT");
        return false;
      });
    const isAlive = (pid: number) => {
      try {
        return process.kill(pid, 0);
      } catch {
        return false;
      }
    };

    it.each(["sqlite", "redis"])("ends when it wakes, and does nothing twice (bus: %s)", async (bus) => {
      await using stack = new AsyncDisposableStack();
      const opened = <T extends { close(): Promise<unknown> }>(one: T) =>
        stack.adopt(one, async () => void (await one.close()));
      const hook = opened(await openHook());
      const place = await mariadb.makeDatabase(`hung_${bus}`);
      const shared = sharedConfig(place, redis.url).replace('[bus]\nadapter = "redis"', `[bus]\nadapter = "${bus}"`);
      const config = siteConfig(webhookContact(hook.url) + shared + loadRule + scanRange);
      const first = opened(await openNode({ config, environment: withoutTelegraf }));
      const site = openSite(first);
      await site.write(first, "a");
      await hook.untilTaken("a firing");
      await until(async () => (await site.runs(first)).length > 0, 20_000);
      hook.answer(503);
      await site.write(first, "b");
      await until(() => hook.refused.length > 1, 20_000);

      const hung = first.pid();
      await stopBetweenTransactions(hung, place.database);
      stack.defer(() => void (isAlive(hung) && process.kill(hung, "SIGCONT"))); // else it could not be ended
      hook.answer(200);
      const key = readFileSync(join(first.dataFolder, "secret.key"), "utf8").trim();
      const other = { config: config.replace("test site", "second site") };
      const environment = { ...withoutTelegraf, DETECTVIZ_SECRET_KEY: key };
      const second = opened(await until(() => openNode({ ...other, environment }).catch(() => undefined), 60_000));
      await hook.untilTaken("b firing");
      await until(async () => (await site.runs(second)).some(({ node }) => node === "second site"), 40_000);

      const before = hook.taken.length;
      const wokeAt = Date.now();
      process.kill(hung, "SIGCONT");
      await until(() => !isAlive(hung), 30_000);
      await soon(() => expect(first.log()).toMatch(/another node works on this database: \\?"second site/));
      await site.write(second, "c");
      await hook.untilTaken("c firing");
      const isBeginning = ({ what }: Told) => what.endsWith(" firing");
      expect(hook.taken.slice(before).filter(isBeginning)).toMatchObject([{ what: "c firing" }]);
      // The second has none of the samples of the first: it may tell that an alert has ended, in one delivery.
      const deliveries = [...new Map(hook.taken.map((one) => [`${one.delivery} ${one.what}`, one])).values()];
      const told = deliveries.map(({ what }) => what);
      expect(told).toEqual([...new Set(told)]);

      const runs = await site.runs(second);
      const late = runs.filter(({ node, started_at }) => node === "test site" && Date.parse(started_at) >= wokeAt);
      expect(late).toEqual([]);
      for (const [index, { ended_at }] of runs.slice(0, -1).entries())
        expect(Date.parse(ended_at ?? "")).toBeLessThanOrEqual(Date.parse(runs[index + 1]?.started_at ?? ""));
      // The hook has heard of it before the node has noted so.
      const unsent = async () => (await site.items(second, "/notifications")).filter(({ state }) => state !== "sent");
      await until(async () => (await unsent()).length === 0, 20_000);
    });
  },
);
