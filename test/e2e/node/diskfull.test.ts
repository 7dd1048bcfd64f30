import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, statfsSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openHttpCatch } from "#test/fixtures/http-catch.ts";
import { type NodeProcess, openNode } from "#test/fixtures/node-process.ts";
import { canMount } from "#test/fixtures/requirements.ts";
import { until } from "#test/fixtures/until.ts";
import { siteConfig, webhookContact, withoutTelegraf } from "./config.ts";
import { heardOnce } from "./webhook.ts";

const rowsOfBatch = 400;

describe.skipIf(!canMount())(
  "a node whose disk is full (needs the right to mount a small one: run as root)",
  { timeout: 120_000 },
  () => {
    let node: NodeProcess;
    let hook: Awaited<ReturnType<typeof openHttpCatch>>;
    const disk = mkdtempSync(join(tmpdir(), "detectviz-disk-"));
    const filler = join(disk, "filler");
    const acknowledged: number[] = [];
    /** Devices whose value over the threshold was acknowledged while the disk was full. */
    const crossed: string[] = [];
    beforeAll(async () => {
      execFileSync("mount", ["-t", "tmpfs", "-o", "size=64m", "tmpfs", disk]);
      hook = await openHttpCatch();
      const config = siteConfig(webhookContact(hook.url));
      node = await openNode({ config, dataFolder: join(disk, "data"), environment: withoutTelegraf });
      for (const role of ["admin", "ingest"]) await node.tokenOf(role);
    });
    afterAll(async () => {
      await node?.close();
      await hook?.close();
      execFileSync("umount", ["-l", disk]);
      rmSync(disk, { recursive: true });
    });

    let next = 0;
    /** Writes one more batch of series of its own; remembers it when it was acknowledged. */
    const writeBatch = async () => {
      const batch = next++;
      const rows = Array.from({ length: rowsOfBatch }, (_, row) => `fill,row=r${row} value=${batch}`);
      const answer = await node.write([...rows, `mark,batch=b${batch} value=${batch}`].join("\n"));
      if (answer.status === 204) acknowledged.push(batch);
      return answer;
    };
    const write = (device: string, value: number) => node.write(`pdu,device=${device},name=${device} current=${value}`);
    const fill = (leaveBytes: number) => {
      const { bavail, bsize } = statfsSync(disk);
      writeFileSync(filler, Buffer.alloc(bavail * bsize - leaveBytes));
    };
    const told = (device: string) =>
      heardOnce(hook)
        .filter(({ labels }) => labels["device"] === device)
        .map(({ status }) => status);

    it("says 503 with Retry-After and nothing else, once there is no room", async () => {
      for (let i = 0; i < 20; i++) expect((await writeBatch()).status).toBe(204);
      fill(256 * 1024);
      const first = await until(async () => {
        const answer = await writeBatch();
        return answer.status !== 204 && answer;
      }, 30_000);
      expect(first).toMatchObject({ status: 503, body: { code: "full" } });
      for (let i = 0; i < 20; i++) {
        const { status, headers } = await writeBatch();
        expect([204, 503]).toContain(status);
        if (status === 503) expect(Number(headers.get("retry-after"))).toBeGreaterThan(0);
      }
      // Where some bytes are left one of the two stores may still take what the other refuses.
      rmSync(filler);
      fill(48 * 1024);
      for (let i = 0; i < 40; i++) if ((await write(`during-${i}`, 20)).status === 204) crossed.push(`during-${i}`);
    });

    it("answers reads, and says in health what is wrong", async () => {
      const { status, body } = await node.api("GET", '/api/v1/query?query=fill_value{row="r1"}');
      expect(status).toBe(200);
      expect(body.data.result[0].value[1]).toBe(`${acknowledged.at(-1)}`);
      expect((await node.api("GET", "/api/v1/devices")).status).toBe(200);
      const health = (await node.api("GET", "/api/health", undefined, "")).body;
      expect(health.status).not.toBe("ok");
      expect(health.parts.disk.status).toBe("degraded");
      expect(health.parts.disk.detail).toContain("nearly full");
    });

    it("refuses changes with a clear error, and stays up", async () => {
      const answers = [];
      for (let i = 0; i < 30; i++) {
        const description = "x".repeat(2000);
        answers.push(
          await node.api("POST", "/api/v1/rules", { name: `R${i}`, description, condition: "a > 1", level: "info" }),
        );
      }
      for (const { status } of answers) expect([201, 503]).toContain(status);
      const refused = answers.filter(({ status }) => status === 503);
      expect(refused.length).toBeGreaterThan(0);
      expect(refused[0]).toMatchObject({ body: { code: "full", mend: expect.stringContaining("room") } });
    });

    it("heals by itself when there is room again, and tells of what happens then", async () => {
      rmSync(filler);
      await until(async () => (await writeBatch()).status === 204, 20_000);
      await until(async () => (await write("healed", 20)).status === 204);
      await until(() => told("healed").length === 1, 20_000);
      await until(async () => (await write("healed", 5)).status === 204);
      await until(() => told("healed").length === 2, 20_000);
      expect(told("healed")).toEqual(["firing", "resolved"]);
      for (const device of crossed) await until(() => told(device).length === 1, 20_000);
      expect(crossed.map(told)).toEqual(crossed.map(() => ["firing"]));
      await until(async () => (await node.api("GET", "/api/health/disk", undefined, "")).body.status === "ok");
    });

    it("has everything that it acknowledged, also after SIGKILL and a start", async () => {
      await node.kill("SIGKILL");
      await node.start();
      const { data } = (await node.api("GET", "/api/v1/query?query=mark_value")).body;
      const stored = data.result.map(({ value }: { value: [number, string] }) => Number(value[1]));
      stored.sort((a: number, b: number) => a - b);
      expect(stored).toEqual(acknowledged);
    });
  },
);
