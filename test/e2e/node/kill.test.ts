import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readStartTicks } from "#internal/fleet/proc.ts";
import { openHttpCatch } from "#test/fixtures/http-catch.ts";
import { type NodeProcess, openNode } from "#test/fixtures/node-process.ts";
import { telegrafBin, withTelegraf } from "#test/fixtures/requirements.ts";
import { soon, until } from "#test/fixtures/until.ts";
import { siteConfig, webhookContact, withoutTelegraf } from "./config.ts";
import { openDeltaPdu } from "./delta-pdu.ts";
import { bringOnline, waitForState } from "./devices.ts";
import { heard, heardOnce } from "./webhook.ts";

/** Two nodes side by side; the tests of the first share it. */
const sideBySide = { timeout: 120_000, concurrent: true };
const inTurn = { concurrent: false };

describe("a node that is killed with SIGKILL after it acknowledged a value", sideBySide, () => {
  let node: NodeProcess;
  let hook: Awaited<ReturnType<typeof openHttpCatch>>;
  let isSlow = false;
  const delaysMs = [0, 5, 20, 50, 100];
  beforeAll(async () => {
    hook = await openHttpCatch(() => (isSlow ? undefined : { status: 200 }));
    node = await openNode({ config: siteConfig(webhookContact(hook.url)), environment: withoutTelegraf });
  });
  afterAll(async () => {
    await node?.close();
    await hook?.close();
  });

  const write = async (device: string, value: number) => {
    const answer = await node.write(`pdu,device=${device},name=${device} current=${value}`);
    expect(answer.status).toBe(204);
  };
  const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
  const of = (device: string) => heardOnce(hook).filter(({ labels }) => labels["device"] === device);
  const untilHeard = (device: string, ...statuses: string[]) =>
    until(() => of(device).length >= statuses.length, 20_000)
      .catch(() => undefined)
      .then(() => expect(of(device).map(({ status }) => status)).toEqual(statuses));

  for (const [index, afterMs] of delaysMs.entries()) {
    it(
      `tells of a value and of the end of another, killed ${afterMs} ms after both were acknowledged`,
      inTurn,
      async () => {
        const [rising, falling] = [`device-${index}`, `device-${index - 1}`];
        await write(rising, 5);
        await Promise.all([write(rising, 20), ...(index > 0 ? [write(falling, 6)] : [])]);
        await pause(afterMs);
        await node.kill("SIGKILL");
        await node.start();
        await untilHeard(rising, "firing");
        if (index > 0) await untilHeard(falling, "firing", "resolved");
      },
    );
  }

  it("repeats with the same delivery what the receiver had not confirmed", inTurn, async () => {
    isSlow = true;
    await write("slow", 20);
    await until(() => of("slow").length === 1);
    await node.kill("SIGKILL");
    isSlow = false;
    await node.start();
    const told = () => heard(hook).filter(({ labels }) => labels["device"] === "slow");
    await until(() => told().length === 2, 20_000);
    expect(told()[1]).toEqual(told()[0]);
    isSlow = true;
    await write("slow", 6);
    await until(() => of("slow").length === 2);
    await node.kill("SIGKILL");
    isSlow = false;
    await node.start();
    await until(() => told().length === 4, 20_000);
    expect(told()[3]).toEqual(told()[2]);
    await untilHeard("slow", "firing", "resolved");
  });

  it("has told each alert's two ends by one delivery each, and keeps them as ended and sent", inTurn, async () => {
    const deliveries = new Map(heard(hook).map(({ delivery, ...alert }) => [delivery, JSON.stringify(alert)]));
    const expected = 2 * delaysMs.length - 1 + 2;
    expect(deliveries.size).toBe(expected);
    for (const { delivery, ...alert } of heard(hook)) expect(deliveries.get(delivery)).toBe(JSON.stringify(alert));
    // The hook has heard of the last before the node has noted so.
    await soon(async () => {
      const { items } = (await node.api("GET", "/api/v1/notifications")).body;
      expect(items.map((one: { state: string }) => one.state)).toEqual(Array(expected).fill("sent"));
    });
    const firing = (await node.api("GET", "/api/v1/alerts?scope=firing")).body;
    expect(firing.items.map((one: { labels: object }) => one.labels)).toMatchObject([
      { device: `device-${delaysMs.length - 1}` },
    ]);
  });
});

describe.skipIf(telegrafBin === undefined)(withTelegraf("Telegraf when the node is killed"), sideBySide, () => {
  it("runs on, and is taken over by the next start as the same process", async () => {
    const pdu = await openDeltaPdu({ address: "127.0.62.7" });
    const node = await openNode({ config: siteConfig() });
    try {
      const device = await bringOnline(node, pdu);
      const unit = async () => (await node.api("GET", "/api/v1/telegraf-units")).body.items[0];
      const before = await until(async () => {
        const now = await unit();
        return now.state === "running" && now;
      });
      expect(before).toMatchObject({ devices: [pdu.key] });
      await node.kill("SIGKILL");
      expect(readStartTicks(before.pid)).toBeDefined();
      await node.start();
      const after = await until(async () => {
        const now = await unit();
        return now.state === "running" && now;
      });
      expect(after).toMatchObject({ pid: before.pid, restarts: 0, devices: [pdu.key] });
      const startedAt = Date.now();
      await until(async () => {
        const { last_sample_at } = await waitForState(node, device.id, "online");
        return Date.parse(last_sample_at) > startedAt;
      }, 20_000);
      await node.kill("SIGTERM");
      expect(readStartTicks(before.pid)).toBeUndefined();
    } finally {
      await node.close();
      await pdu.close();
    }
  });
});
