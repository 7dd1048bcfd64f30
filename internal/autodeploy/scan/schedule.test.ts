import { describe, expect, it } from "vitest";
import { checkConfig } from "#pkg/config/check.ts";
import { AppError } from "#pkg/errors/errors.ts";
import { silentLogger } from "#pkg/logger/logger.ts";
import type { JobDefinition, JobStatus } from "#pkg/scheduler/port.ts";
import { type ScanConfig, scanConfig } from "../config.ts";
import type { ScanRequest, ScanRun } from "../contract.ts";
import { checkScanConfig, scheduleScans } from "./schedule.ts";

const configOf = (changes: object): ScanConfig => checkConfig(scanConfig, changes, (path) => path.join("."));
const refuseWords = (cron: string) => {
  if (/[a-z]/.test(cron))
    throw new AppError("bad_request", { message: `"${cron}" is no cron text`, mend: "write one" });
};
const check = (changes: object) => checkScanConfig(configOf(changes), (path) => `conf:${path.join(".")}`, refuseWords);

/** Scans that run until `state` says otherwise, and a scheduler that only remembers. */
function createSite() {
  const site = {
    state: "running" as ScanRun["state"],
    started: [] as ScanRequest[],
    cancelled: [] as string[],
    jobs: new Map<string, JobDefinition>(),
    asked: [] as string[],
  };
  const run = () =>
    ({
      id: "s1",
      state: site.state,
      error: "no socket",
      progress: { answered: 3 },
      found: ["d1"],
    }) as unknown as ScanRun; // what is looked at
  const scans = {
    async start(request: ScanRequest) {
      site.started.push(request);
      return run();
    },
    get: async () => run(),
    async cancel(id: string) {
      site.cancelled.push(id);
      site.state = "cancelled";
      return run();
    },
  };
  const scheduler = {
    schedule: async (job: JobDefinition) => void site.jobs.set(job.id, job),
    cancel: async (id: string) => site.jobs.delete(id),
    list: async () => [...site.jobs.values()].map(({ id }) => ({ id }) as JobStatus), // only the id is looked at
    async runNow(id: string) {
      site.asked.push(id);
      return { id } as JobStatus; // not looked at
    },
  };
  const schedule = (changes: object, atStart = true) =>
    scheduleScans({
      scans,
      scheduler,
      ranges: configOf(changes).ranges,
      timeZone: "Asia/Taipei",
      log: silentLogger,
      atStart,
    });
  const carryOut = async (signal = new AbortController().signal) => {
    const output: string[] = [];
    const [job] = site.jobs.values();
    await job?.run({ runId: "r1", jobId: job.id, fence: 1, attempt: 1, signal, print: (line) => output.push(line) });
    return output;
  };
  return { site, schedule, carryOut };
}

describe("configured scans", () => {
  const nightly = { range: "127.0.9.1", schedule: "0 3 * * *", tags: { room: "R1" }, ports: { snmp: [1161] } };

  it("with a schedule are jobs, run at the start where they ask for it; without one are only scanned at the start", async () => {
    const { site, schedule } = createSite();
    await schedule({
      ranges: [
        nightly,
        { range: "127.0.9.2" },
        { range: "127.0.9.3", at_start: false },
        { ...nightly, range: "127.0.9.4", at_start: false },
      ],
    });
    const jobs = [...site.jobs.values()];
    expect(jobs).toMatchObject([
      { name: "scan 127.0.9.1", cron: "0 3 * * *", timeZone: "Asia/Taipei", missed: "skip" },
      { name: "scan 127.0.9.4", missed: "run_once" },
    ]);
    expect(site.asked).toEqual([jobs[0]?.id]);
    expect(site.started).toMatchObject([{ ranges: ["127.0.9.2"] }]);
  });

  it("keep their job when schedule and tags change, and lose it with their entry; a reload starts nothing", async () => {
    const { site, schedule } = createSite();
    await schedule({ ranges: [nightly, { ...nightly, range: "127.0.9.2" }] });
    const [id = ""] = site.jobs.keys();
    site.jobs.set("clean-up", { id: "clean-up" } as JobDefinition); // somebody else's
    site.asked.length = 0;
    await schedule({ ranges: [{ ...nightly, schedule: "0 4 * * *", tags: {} }] }, false);
    expect([...site.jobs.keys()]).toEqual([id, "clean-up"]);
    expect(site.jobs.get(id)?.cron).toBe("0 4 * * *");
    expect([site.asked, site.started]).toEqual([[], []]);
  });

  it("end with their scan and tell what came of it", async () => {
    const { site, schedule, carryOut } = createSite();
    await schedule({ ranges: [nightly] });
    site.state = "done";
    expect(await carryOut()).toEqual(["scan s1", "done: 3 answered, 1 devices"]);
    expect(site.started).toEqual([
      { ranges: ["127.0.9.1"], tags: { room: "R1" }, protocols: ["snmp", "modbus"], ports: { snmp: [1161] } },
    ]);
    site.state = "failed";
    await expect(carryOut()).rejects.toThrow("no socket");
  });

  it("are cancelled when their job is stopped", async () => {
    const { site, schedule, carryOut } = createSite();
    await schedule({ ranges: [nightly] });
    expect(await carryOut(AbortSignal.abort())).toContain("cancelled: 3 answered, 1 devices");
    expect(site.cancelled).toEqual(["s1"]);
  });

  it("are checked with the configuration", () => {
    check({ ranges: [{ range: "127.0.9.0/24", schedule: "*/10 * * * *" }] });
    expect(() => check({ ranges: [{ range: "127.0.9.1", tags: { "a-b": "x" } }] })).toThrow("a-b");
    expect(() => check({ allow: ["nonsense"] })).toThrow("conf:allow");
    expect(() => check({ ranges: [{ range: "10.0.0.1" }] })).toThrow(/conf:ranges.0.range.*outside the allow-list/);
    expect(() => check({ ranges: [{ range: "127.0.9.1", schedule: "every day" }] })).toThrow("conf:ranges.0.schedule");
  });
});
