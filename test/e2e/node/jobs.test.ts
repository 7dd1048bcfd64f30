import { writeFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { detectviz } from "#test/fixtures/command.ts";
import { type NodeProcess, openNode } from "#test/fixtures/node-process.ts";
import { until } from "#test/fixtures/until.ts";
import { siteConfig, withoutTelegraf } from "./config.ts";

const range = (place: string, schedule: string) =>
  siteConfig(`[[scan.ranges]]\nrange = "${place}"\nprotocols = ["snmp"]\nschedule = "${schedule}"\nat_start = false\n`);

describe("configured scans as jobs", { timeout: 120_000 }, () => {
  let node: NodeProcess;
  beforeAll(async () => {
    node = await openNode({ config: range("127.0.62.77", "*/2 * * * * *"), environment: withoutTelegraf });
  });
  afterAll(async () => node?.close());

  const jobs = async () => (await node.api("GET", "/api/v1/jobs")).body.items;
  const runs = async (id: string) => (await node.api("GET", `/api/v1/jobs/${id}/history`)).body.items;

  it("run by their schedule, with history; are paused, run by hand and resumed over REST", async () => {
    const [job] = await jobs();
    expect(job).toMatchObject({
      id: expect.stringMatching(/^scan-\w{12}$/),
      name: "scan 127.0.62.77",
      cron: "*/2 * * * * *",
    });
    const [run] = await until(async () => {
      const ended = (await runs(job.id)).filter((one: { state: string }) => one.state !== "running");
      return ended.length > 0 ? ended : undefined;
    }, 20_000);
    expect(run).toMatchObject({ job_id: job.id, state: "done", by: "schedule", attempts: 1, error: null });
    expect(run.output).toMatch(/^scan \S+\ndone: 0 answered, 0 devices\n$/);
    const path = `/api/v1/jobs/${job.id}`;
    expect((await node.api("POST", `${path}/pause`, undefined, "operator")).status).toBe(403);
    expect((await node.api("POST", `${path}/pause`, undefined, "engineer")).body).toMatchObject({ next_run_at: null });
    await until(async () => (await jobs())[0].state === "paused");
    await node.api("POST", `${path}/run`);
    await until(async () => (await runs(job.id))[0].by !== "schedule", 20_000);
    expect((await node.api("POST", `${path}/resume`)).body).toMatchObject({ next_run_at: expect.any(String) });
    const audited = (await node.api("GET", "/api/v1/audit")).body.items.map(
      (entry: { action: string }) => entry.action,
    );
    expect(audited).toEqual(expect.arrayContaining(["job.pause", "job.run", "job.resume"]));
    for (const [method, unknown] of [
      ["GET", "nothing/history"],
      ["POST", "nothing/run"],
    ] as const) {
      expect((await node.api(method, `/api/v1/jobs/${unknown}`)).status).toBe(404);
    }
  });

  it("keep their history over a kill; a run that was under way is abandoned or ended", async () => {
    const [job] = await jobs();
    const before = (await runs(job.id)).length;
    await node.kill();
    await node.start();
    await until(async () => (await runs(job.id)).length > before, 30_000);
    const states = (await runs(job.id)).slice(1).map((one: { state: string }) => one.state);
    expect(states).not.toContain("running");
  });

  it("that never fire, or in a zone that is none, are refused with the line", async () => {
    const file = `${node.folder}/other.conf`;
    const checkText = (text: string) => {
      writeFileSync(file, text);
      return detectviz(["config", "check", "--config", file, "--data", node.dataFolder]);
    };
    const never = await checkText(range("127.0.62.77", "0 3 30 2 *"));
    expect(never).toMatchObject({ code: 1, stdout: "" });
    expect(never.stderr).toMatch(/other\.conf:\d+: "0 3 30 2 \*" never fires/);
    const zone = range("127.0.62.77", "0 3 * * *").replace('name = "test site"', 'time_zone = "Mars/Olympus"');
    expect((await checkText(zone)).stderr).toContain('other.conf:2: there is no time zone "Mars/Olympus"');
  });
});
