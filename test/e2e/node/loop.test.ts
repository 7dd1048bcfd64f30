import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openHttpCatch } from "#test/fixtures/http-catch.ts";
import { type NodeProcess, openNode } from "#test/fixtures/node-process.ts";
import { telegrafBin, withTelegraf } from "#test/fixtures/requirements.ts";
import { soon, until } from "#test/fixtures/until.ts";
import { siteConfig, webhookContact } from "./config.ts";
import { oids, openDeltaPdu } from "./delta-pdu.ts";
import { bringOnline } from "./devices.ts";
import { heard } from "./webhook.ts";

const isTime = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

describe.skipIf(telegrafBin === undefined)(
  withTelegraf("the loop, from a device to a webhook"),
  { timeout: 120_000 },
  () => {
    let node: NodeProcess;
    let hook: Awaited<ReturnType<typeof openHttpCatch>>;
    let pdu: Awaited<ReturnType<typeof openDeltaPdu>>;
    beforeAll(async () => {
      hook = await openHttpCatch();
      pdu = await openDeltaPdu({ address: "127.0.61.7" });
      node = await openNode({ config: siteConfig(webhookContact(hook.url)) });
    });
    afterAll(async () => {
      await node?.close();
      await pdu?.close();
      await hook?.close();
    });

    it("finds the device, deploys it without a click, and shows its readings as they are", async () => {
      const device = await bringOnline(node, pdu, { room: "R1" });
      expect(device).toMatchObject({
        key: pdu.key,
        kind: "pdu",
        vendor: "Delta",
        model: "PDUE428-16A",
        tags: { room: "R1" },
      });
      expect(device).toMatchObject({ serial: "SN-000123", firmware: "2.10", profile: "delta/pdue428", problems: [] });
      const { items } = (await node.api("GET", `/api/v1/devices/${device.id}/readings`)).body;
      const at = (source: string) => items.find((one: { source: string }) => one.source === source);
      const shown = { tags: { phase: "L1" }, at: expect.stringMatching(isTime) };
      expect(at(oids.currentL1)).toMatchObject({
        metric: "pdu_current",
        value: 5.1,
        unit: "A",
        kind: "current",
        ...shown,
      });
      expect(at(oids.voltageL1)).toMatchObject({
        metric: "pdu_voltage",
        value: 230,
        unit: "V",
        kind: "voltage",
        ...shown,
      });
      expect(at(oids.powerL1)).toMatchObject({ metric: "pdu_power", value: 1173, unit: "W", kind: "power", ...shown });
      expect(items.filter((one: { tags: object }) => "phase" in one.tags)).toHaveLength(9);
      const [rollout] = (await node.api("GET", "/api/v1/rollouts")).body.items;
      expect(rollout).toMatchObject({ state: "applied", added: [pdu.key], refused: [] });
    });

    it("answers PromQL with what Telegraf wrote", async () => {
      const query = encodeURIComponent(`pdu_current{device="${pdu.key}",phase="L2"}`);
      for (const path of ["/api/v1/query", "/prometheus/api/v1/query"]) {
        const { body } = await node.api("GET", `${path}?query=${query}`);
        expect(body.status).toBe("success");
        expect(body.data.result[0]).toMatchObject({
          metric: { room: "R1", __name__: "pdu_current" },
          value: [expect.any(Number), "6.2"],
        });
      }
    });

    it("tells the webhook of a value over its threshold, and of its end, once each", async () => {
      pdu.set(oids.currentL1, 172);
      const firing = await until(() => hook.requests[0], 20_000);
      const body = JSON.parse(firing.body);
      const labels = {
        alertname: "PduOverCurrent",
        severity: "critical",
        device: pdu.key,
        phase: "L1",
        room: "R1",
        name: "rack pdu",
      };
      const [alert] = body.alerts;
      expect(body).toEqual({
        version: "4",
        groupKey: expect.any(String),
        truncatedAlerts: 0,
        status: "firing",
        receiver: "Duty",
        groupLabels: expect.any(Object),
        commonLabels: alert.labels,
        commonAnnotations: alert.annotations,
        externalURL: node.url,
        alerts: [
          {
            status: "firing",
            labels: expect.objectContaining(labels),
            annotations: { summary: "rack pdu L1 draws 17.2 A" },
            startsAt: expect.stringMatching(isTime),
            endsAt: "0001-01-01T00:00:00Z",
            generatorURL: expect.stringContaining(node.url),
            fingerprint: expect.stringMatching(/^[0-9a-f]{16}$/),
          },
        ],
      });
      expect(firing.headers).toMatchObject({ "content-type": expect.stringContaining("application/json") });
      const [listed] = (await node.api("GET", "/api/v1/alerts")).body.items;
      expect(listed).toMatchObject({
        fingerprint: alert.fingerprint,
        level: "critical",
        condition_state: "firing",
        value: 17.2,
      });

      pdu.set(oids.currentL1, 51);
      await until(() => hook.requests.length > 1, 20_000);
      // Whatever else would be told comes within the next samples.
      const heardAt = Date.now();
      await until(async () => {
        const [device] = (await node.api("GET", "/api/v1/devices")).body.items;
        return Date.parse(device.last_sample_at) > heardAt + 2000;
      }, 40_000);
      const told = heard(hook);
      expect(told.map(({ status }) => status)).toEqual(["firing", "resolved"]);
      expect(told[1]).toMatchObject({ fingerprint: alert.fingerprint, labels: alert.labels, startsAt: alert.startsAt });
      expect(told[1]?.endsAt).toMatch(isTime);
      expect(new Set(told.map(({ delivery }) => delivery)).size).toBe(2);
      await soon(async () => {
        const { items } = (await node.api("GET", "/api/v1/notifications")).body;
        expect(items.map((one: { state: string }) => one.state)).toEqual(["sent", "sent"]);
      });
    });
  },
);
