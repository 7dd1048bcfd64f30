import { setTimeout as wait } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { awakeMs } from "#test/fixtures/awake.ts";
import { openHttpCatch } from "#test/fixtures/http-catch.ts";
import { hasMariaDb, type MariaDb, type MariaDbPlace, openMariaDb, withMariaDb } from "#test/fixtures/mariadb.ts";
import { type NodeProcess, openNode } from "#test/fixtures/node-process.ts";
import { openTcpProxy, type TcpProxy } from "#test/fixtures/tcp-proxy.ts";
import { until } from "#test/fixtures/until.ts";
import { siteConfig, webhookContact, withoutTelegraf } from "./config.ts";
import { openDeltaPdu } from "./delta-pdu.ts";
import { scan } from "./devices.ts";
import { toldOf, untilTold } from "./webhook.ts";

const backWithinMs = 10_000;

const storage = ({ port, user, password, database }: MariaDbPlace) => `[storage]
sql = { adapter = "mysql", port = ${port}, user = "${user}", password = "${password}", database = "${database}", statement_timeout = "20s" }
[[rules]]
name = "Load"
condition = "x_load > 10"
level = "warning"
[[scan.ranges]]
range = "127.0.62.77"
protocols = ["snmp"]
schedule = "* * * * * *"
at_start = false
`;

describe.skipIf(!hasMariaDb)(withMariaDb("a whole node on MariaDB"), { timeout: 120_000 }, () => {
  let mariadb: MariaDb;
  let place: MariaDbPlace;
  let proxy: TcpProxy;
  let node: NodeProcess;
  let hook: Awaited<ReturnType<typeof openHttpCatch>>;
  let pdu: Awaited<ReturnType<typeof openDeltaPdu>>;
  beforeAll(async () => {
    [hook, pdu, mariadb] = await Promise.all([
      openHttpCatch(),
      openDeltaPdu({ address: "127.0.62.78" }),
      openMariaDb(),
    ]);
    place = await mariadb.makeDatabase("whole");
    proxy = await openTcpProxy(mariadb.port);
    const config = siteConfig(webhookContact(hook.url) + storage({ ...place, port: proxy.port }));
    node = await openNode({ config, environment: withoutTelegraf });
    await node.tokenOf("ingest");
    await node.tokenOf("admin");
  });
  afterAll(async () => {
    await node?.close();
    await proxy?.close();
    await mariadb?.close();
    await pdu?.close();
    await hook?.close();
  });

  const write = (device: string, load: number) =>
    node.write(`x,device=${device},name=${device} load=${load}`).then(({ status }) => status === 204);
  const health = async () => (await node.api("GET", "/api/health", undefined, "")).body.parts;
  const addSilence = (device: string) =>
    node.api("POST", "/api/v1/silences", {
      matchers: [`device="${device}"`],
      until: new Date(Date.now() + 3_600_000).toISOString(),
      reason: "維修",
    });

  it("finds a device, judges, tells; killed and started again it has lost nothing", async () => {
    const run = await scan(node, pdu, { tags: { room: "機房" } });
    expect(run.found.length).toBe(1);
    expect(await write("a", 20)).toBe(true);
    await untilTold(hook, "a", "firing");
    expect(await write("b", 20)).toBe(true);
    await node.kill("SIGKILL");
    await node.start();
    await untilTold(hook, "b", "firing");
    expect((await node.api("GET", `/api/v1/devices/${run.found[0]}`)).body).toMatchObject({ tags: { room: "機房" } });
    expect(await write("a", 5)).toBe(true);
    await untilTold(hook, "a", "firing", "resolved");
    const states = async () =>
      (await node.api("GET", "/api/v1/notifications")).body.items.map((one: { state: string }) => one.state);
    await until(async () => (await states()).join() === "sent,sent,sent");
  });

  /** Loads the node with alerts until `stop`; returns the devices whose value was acknowledged. */
  const load = (prefix: string) => {
    const acknowledged: string[] = [];
    let isOver = false;
    const work = (async () => {
      for (let n = 0; !isOver; n++) {
        const device = `${prefix}${n}`;
        if (await write(device, 20)) acknowledged.push(device);
        await wait(250);
      }
    })();
    const stop = async () => {
      isOver = true;
      await work;
      return acknowledged;
    };
    return { acknowledged, stop, [Symbol.asyncDispose]: async () => void (await stop()) };
  };
  const lastRunOf = async () => Date.parse((await node.api("GET", "/api/v1/jobs")).body.items[0].last_run_at);

  const faults = [
    {
      name: "is killed",
      says: /down .*127\.0\.0\.1:\d+: .*look whether MariaDB runs there/,
      begin: async () => mariadb.signal("SIGKILL"),
      end: () => mariadb.start(),
    },
    {
      name: "hangs for 10 s",
      says: /down .*127\.0\.0\.1:\d+: no answer in/,
      begin: async () => mariadb.signal("SIGSTOP"),
      lastsMs: 10_000,
      end: async () => mariadb.signal("SIGCONT"),
    },
    {
      name: "is stopped and started again",
      says: /down .*127\.0\.0\.1:\d+: .*look whether MariaDB runs there/,
      begin: async () => mariadb.signal("SIGTERM"),
      end: () => mariadb.start(),
    },
    {
      name: "refuses the log-in",
      says: /down .*127\.0\.0\.1:\d+: the server refuses the log-in of "whole".*give the user back/,
      begin: async () => {
        await mariadb.sql("alter user 'whole'@'127.0.0.1' identified by 'other'");
        proxy.isDown = true;
        proxy.isDown = false;
      },
      end: async () => void (await mariadb.sql("alter user 'whole'@'127.0.0.1' identified by 'pässwörd'")),
    },
    {
      name: "loses the connection while it commits",
      begin: () => proxy.cutAt("commit", "after"),
      end: async () => undefined,
    },
    {
      name: "is slow",
      begin: async () => {
        proxy.delayMs = 40;
      },
      lastsMs: 4000,
      end: async () => {
        proxy.delayMs = 0;
      },
    },
  ];

  it.each(faults)(
    "goes on when the server $name; nothing acknowledged is lost",
    async ({ name, says, begin, lastsMs, end }) => {
      const prefix = name.replaceAll(/\W/g, "");
      await using under = load(prefix);
      await until(() => under.acknowledged.length > 3);
      const overAt = Date.now() + (lastsMs ?? 0);
      await begin();
      if (says) {
        const saying = until(async () => {
          const { sql } = await health();
          return sql.status !== "ok" && `${sql.status} ${sql.detail}`;
        }, 10_000);
        expect(await saying).toMatch(says);
      }
      await wait(Math.max(500, overAt - Date.now()));
      await end();
      const [backAt, backAwakeMs] = [Date.now(), awakeMs()];
      await until(async () => (await addSilence(`none ${prefix}`)).status === 201, backWithinMs);
      await until(async () => (await health()).sql.status === "ok", backWithinMs);
      await until(async () => (await lastRunOf()) > backAt, backWithinMs);
      expect(awakeMs() - backAwakeMs).toBeLessThan(backWithinMs);
      const acknowledged = await under.stop();
      const told = () => acknowledged.filter((device) => toldOf(hook, device).includes("firing"));
      await until(() => told().length === acknowledged.length, 60_000).catch(() => undefined);
      const lost = acknowledged.filter((device) => !told().includes(device));
      expect(lost).toEqual([]);
    },
  );
});
