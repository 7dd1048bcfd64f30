import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openHttpCatch } from "#test/fixtures/http-catch.ts";
import { type NodeProcess, openNode } from "#test/fixtures/node-process.ts";
import { telegrafBin, withTelegraf } from "#test/fixtures/requirements.ts";
import { until } from "#test/fixtures/until.ts";
import { siteConfig, webhookContact } from "./config.ts";
import { openDeltaPdu } from "./delta-pdu.ts";
import { bringOnline } from "./devices.ts";
import { heard } from "./webhook.ts";

describe.skipIf(telegrafBin === undefined)(
  withTelegraf("what is wrong with the watching itself"),
  { timeout: 120_000 },
  () => {
    let node: NodeProcess;
    let hook: Awaited<ReturnType<typeof openHttpCatch>>;
    const pdus: Awaited<ReturnType<typeof openDeltaPdu>>[] = [];
    const folder = mkdtempSync(join(tmpdir(), "detectviz-telegraf-"));
    const binary = join(folder, "telegraf");
    beforeAll(async () => {
      symlinkSync(telegrafBin ?? "", binary);
      hook = await openHttpCatch();
      for (const address of ["127.0.67.7", "127.0.67.8"]) pdus.push(await openDeltaPdu({ address }));
      node = await openNode({
        config: siteConfig(webhookContact(hook.url)),
        environment: { TELEGRAF_BIN: binary },
        // The shipped rules; a minute without any data is made 8 s.
        prepare(folder) {
          const rules = join(folder, "rules.d/health.toml");
          writeFileSync(rules, readFileSync(rules, "utf8").replace("idle_seconds > 60", "idle_seconds > 8"));
        },
      });
      await Promise.all(pdus.map((pdu) => bringOnline(node, pdu)));
    });
    afterAll(async () => {
      await node?.close();
      for (const pdu of pdus) await pdu.close();
      await hook?.close();
      rmSync(folder, { recursive: true, force: true });
    });

    const unit = async () => (await node.api("GET", "/api/v1/telegraf-units")).body.items[0];
    /** What the webhook heard since the last look, as `name status` with the device or unit it is about. */
    let seen = 0;
    const news = () =>
      heard(hook)
        .slice(seen)
        .map(({ labels, status }) => [labels["alertname"], labels["device"] ?? labels["unit"] ?? "", status].join(" "));
    /** How often the node has written how it is itself. */
    const ownSamples = async () => {
      const query = encodeURIComponent("count_over_time(detectviz_ingest_idle_seconds[1h])");
      const { result } = (await node.api("GET", `/api/v1/query?query=${query}`)).body.data;
      return Number(result[0]?.value[1] ?? 0);
    };
    const expectNews = async (...lines: string[]) => {
      await until(() => news().length >= lines.length, 40_000).catch(() => undefined);
      // Anything more than it should be comes with the node's next samples of itself, and is told before those after
      // them; the next look sees the rest.
      if (lines.at(-1)?.endsWith("firing")) {
        const before = await ownSamples();
        await until(async () => (await ownSamples()) >= before + 2, 40_000);
      }
      expect(news()).toEqual(lines);
      seen += lines.length;
    };

    it("one device that says nothing is DeviceSilent, for that device", async () => {
      const [first, second] = pdus;
      await second?.close();
      await expectNews(`DeviceSilent ${second?.key} firing`);
      pdus[1] = await openDeltaPdu({ address: "127.0.67.8", port: second?.port ?? 0 });
      await expectNews(`DeviceSilent ${second?.key} resolved`);
      expect(first?.requests.length).toBeGreaterThan(0);
    });

    it("a Telegraf that hangs is NoDataAtAll, and no device is blamed", async () => {
      const { pid } = await unit();
      process.kill(pid, "SIGSTOP");
      await expectNews("NoDataAtAll  firing");
      process.kill(pid, "SIGCONT");
      await expectNews("NoDataAtAll  resolved");
    });

    it("a machine that stands still for 10 s is no alert at all", async () => {
      const pids = [node.pid(), (await unit()).pid];
      for (const pid of pids) process.kill(pid, "SIGSTOP");
      await wait(10_000);
      for (const pid of pids) process.kill(pid, "SIGCONT");
      const before = await ownSamples();
      await until(async () => (await ownSamples()) >= before + 2, 40_000);
      expect(news()).toEqual([]);
    });

    it("a Telegraf that is gone and cannot start is TelegrafStopped alone, until it runs again", async () => {
      const { pid, id } = await unit();
      rmSync(binary);
      process.kill(pid, "SIGKILL");
      await expectNews(`TelegrafStopped ${id} firing`);
      expect((await node.api("GET", "/api/health/telegraf")).body.status).toBe("degraded");
      symlinkSync(telegrafBin ?? "", binary);
      await expectNews(`TelegrafStopped ${id} resolved`);
      expect((await unit()).restarts).toBeGreaterThan(0);
    });
  },
);
