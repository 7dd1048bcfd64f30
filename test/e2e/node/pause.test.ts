import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openHttpCatch } from "#test/fixtures/http-catch.ts";
import { type NodeProcess, openNode } from "#test/fixtures/node-process.ts";
import { telegrafBin, withTelegraf } from "#test/fixtures/requirements.ts";
import { until } from "#test/fixtures/until.ts";
import { createEventTail } from "#test/torture/event-tail.ts";
import { siteConfig, webhookContact } from "./config.ts";
import { openDeltaPdu } from "./delta-pdu.ts";
import { bringOnline, waitForState } from "./devices.ts";
import { heardOnce } from "./webhook.ts";

const pauseMs = 10_000;

describe.skipIf(telegrafBin === undefined)(
  withTelegraf(`a node that stands still for ${pauseMs / 1000} s under load (SIGSTOP)`),
  { timeout: 120_000 },
  () => {
    let node: NodeProcess;
    let pdu: Awaited<ReturnType<typeof openDeltaPdu>>;
    let hook: Awaited<ReturnType<typeof openHttpCatch>>;
    let resumedAt = 0;
    const events = createEventTail();
    const acknowledged: number[] = [];
    const before: Record<string, unknown> = {};
    beforeAll(async () => {
      [pdu, hook] = [await openDeltaPdu({ address: "127.0.62.9" }), await openHttpCatch()];
      const scan = `[[scan.ranges]]\nrange = "127.0.62.78"\nprotocols = ["snmp"]\nschedule = "* * * * * *"\nat_start = false`;
      node = await openNode({ config: siteConfig(webhookContact(hook.url), { scan }) });
      before["device"] = (await bringOnline(node, pdu)).id;
      before["unit"] = (await until(runningUnit)).pid;
      events.connect(join(node.dataFolder, "node.sock"));
    });
    afterAll(async () => {
      events.close();
      await node?.close();
      await hook?.close();
      await pdu?.close();
    });

    const runningUnit = async () => {
      const [unit] = (await node.api("GET", "/api/v1/telegraf-units")).body.items;
      return unit.state === "running" && unit;
    };
    const jobRuns = async () => {
      const [job] = (await node.api("GET", "/api/v1/jobs")).body.items;
      return (await node.api("GET", `/api/v1/jobs/${job.id}/history`)).body.items as {
        started_at: string;
        state: string;
      }[];
    };

    /** Three write at once until `stop`, which fails when one could not; a test that fails leaves none behind. */
    const writeMarks = () => {
      let [isOver, number] = [false, 0];
      const write = async () => {
        while (!isOver) {
          const mine = ++number;
          if ((await node.write(`mark,number=n${mine} value=${mine}`)).status === 204) acknowledged.push(mine);
        }
      };
      const ends = Promise.allSettled([write(), write(), write()]);
      const stop = async () => {
        isOver = true;
        const failed = (await ends).flatMap((end) => (end.status === "rejected" ? [end.reason] : []));
        expect(failed).toEqual([]);
      };
      const leave = async () => {
        isOver = true;
        await ends;
      };
      return { stop, [Symbol.asyncDispose]: leave };
    };

    it("goes on with what waited for it, and loses nothing that it acknowledged", async () => {
      await using marks = writeMarks();
      await wait(500);
      process.kill(node.pid(), "SIGSTOP");
      await wait(pauseMs);
      process.kill(node.pid(), "SIGCONT");
      resumedAt = Date.now();
      const soFar = acknowledged.length;
      await until(() => acknowledged.length > soFar + 50, 10_000);
      await marks.stop();
      const { result } = (await node.api("GET", "/api/v1/query?query=mark_value")).body.data;
      const stored = result.map(({ value }: { value: [number, string] }) => Number(value[1]));
      expect(new Set(stored)).toEqual(new Set(acknowledged));
    });

    it("keeps the Telegraf that it had, and its device", async () => {
      expect(await until(runningUnit)).toMatchObject({ pid: before["unit"], restarts: 0 });
      await until(async () => {
        const device = await waitForState(node, String(before["device"]), "online");
        return Date.parse(device.last_sample_at) > resumedAt;
      }, 15_000);
      expect(events.events.filter(({ type }) => type === "device.silent")).toEqual([]);
    });

    it("runs each job once for all the times that it missed", async () => {
      await until(
        async () => (await jobRuns()).filter((run) => Date.parse(run.started_at) > resumedAt).length > 1,
        15_000,
      );
      const runs = (await jobRuns()).filter((run) => run.state !== "running").map((run) => Date.parse(run.started_at));
      const afterPause = runs.filter((at) => at >= resumedAt - 1000 && at < resumedAt + 1000);
      expect(afterPause.length).toBeLessThanOrEqual(3);
    });

    it("is well again within 10 s, and tells of what happens then", async () => {
      await until(async () => {
        const { parts } = (await node.api("GET", "/api/health", undefined, "")).body;
        return Object.entries<{ status: string }>(parts).every(([, part]) => part.status === "ok");
      }, 10_000).catch(async () =>
        expect((await node.api("GET", "/api/health", undefined, "")).body.parts).toEqual({}),
      );
      await node.write("pdu,device=late,name=late current=20");
      await until(() => heardOnce(hook).some(({ labels }) => labels["device"] === "late"), 10_000);
    });
  },
);
