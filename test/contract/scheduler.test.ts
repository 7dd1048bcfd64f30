import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { systemClock } from "#pkg/clock/clock.ts";
import { createFakeClock } from "#pkg/clock/fake.ts";
import type { Clock } from "#pkg/clock/port.ts";
import { silentLogger as log } from "#pkg/logger/logger.ts";
import type { JobDefinition, JobRun, JobScheduler, JobStatus } from "#pkg/scheduler/port.ts";
import { openScheduler } from "#pkg/scheduler/scheduler.ts";
import type { SqlClient } from "#pkg/sql/port.ts";
import { sqlAdapters, type TestDatabase } from "#test/fixtures/database.ts";
import { until } from "#test/fixtures/until.ts";

const minuteMs = 60_000;
const at = (text: string) => Date.parse(text);

const adapters = sqlAdapters.filter(({ has }) => has);

describe.each(adapters)("scheduler: $name", { timeout: 120_000 }, ({ openDatabase }) => {
  let clock: ReturnType<typeof createFakeClock>;
  let database: TestDatabase;
  const opened: JobScheduler[] = [];
  beforeEach(async () => {
    clock = createFakeClock(at("2026-01-01T00:00:00Z"));
    database = await openDatabase();
  });
  afterEach(async () => {
    for (const scheduler of opened.splice(0)) await scheduler.close();
    await database.dispose();
  });

  const open = (node = "n1", own: Clock = clock, sql = database.sql) => {
    const scheduler = openScheduler({ sql, clock: own, log, node, instance: node });
    opened.push(scheduler);
    return scheduler;
  };
  const close = async (scheduler: JobScheduler) => {
    opened.splice(opened.indexOf(scheduler), 1);
    await scheduler.close();
  };
  const hourly = (run: (run: JobRun) => Promise<void>, change: Partial<JobDefinition> = {}): JobDefinition => {
    const policy = { timeoutMs: minuteMs, retries: 0, backoffMs: 1000, missed: "skip" } as const;
    return { id: "job", name: "Job", cron: "0 * * * *", timeZone: "UTC", ...policy, run, ...change };
  };
  const ended = (scheduler: JobScheduler, count: number) =>
    until(async () => {
      const history = await scheduler.history("job", 100);
      return history.length >= count && history.every((run) => run.state !== "running") ? history : undefined;
    });
  /** Moves the clock in small steps until the condition holds: work in between is asynchronous. */
  const pass = (stepMs: number, condition: () => boolean | Promise<boolean>) =>
    until(async () => {
      clock.advance(stepMs);
      await database.sql.transaction(async () => {}); // behind what the clock has set off
      return condition();
    });

  it("runs a job when its time has come, with its history and output", async () => {
    const scheduler = open();
    await scheduler.schedule(hourly(async ({ print }) => print("12 rows removed")));
    expect(await scheduler.status("job")).toMatchObject({
      state: "scheduled",
      lastRunAt: null,
      nextRunAt: at("2026-01-01T01:00Z"),
    });
    await pass(minuteMs, async () => (await scheduler.history("job", 1)).length === 1);
    const [run] = await ended(scheduler, 1);
    expect(run).toMatchObject({ jobId: "job", state: "done", by: "schedule", node: "n1", attempts: 1, error: null });
    expect(run?.output).toBe("12 rows removed\n");
    expect(run?.startedAt).toBeGreaterThanOrEqual(at("2026-01-01T01:00Z"));
    expect(await scheduler.list()).toMatchObject([{ id: "job", error: null, nextRunAt: at("2026-01-01T02:00Z") }]);
  });

  it("does not wait for a clock that went back where jobs come often, and runs no other twice", async () => {
    const scheduler = open();
    clock.advance(4.5 * 3_600_000);
    let runs = 0;
    const counts = async () => void runs++;
    await scheduler.schedule(hourly(counts));
    await scheduler.schedule(hourly(counts, { id: "daily", cron: "0 5 * * *" }));
    clock.jump(-3_600_000);
    await scheduler.clockWentBack(3_600_000);
    expect(await scheduler.status("job")).toMatchObject({ nextRunAt: at("2026-01-01T04:00Z") });
    expect(await scheduler.status("daily")).toMatchObject({ nextRunAt: at("2026-01-01T05:00Z") });
    clock.jump(-7_200_000);
    await scheduler.clockWentBack(7_200_000);
    expect(await scheduler.status("job")).toMatchObject({ nextRunAt: at("2026-01-01T02:00Z") });
    await pass(minuteMs, () => runs === 1);
    expect(await scheduler.history("daily", 1)).toEqual([]);
  });

  it("tries again with growing pauses, and tells how often and why it failed", async () => {
    const scheduler = open();
    const times: number[] = [];
    const fails = async ({ attempt }: JobRun) => {
      times.push(clock.now());
      throw new Error(`no luck ${attempt}`);
    };
    await scheduler.schedule(hourly(fails, { retries: 2 }));
    await scheduler.runNow("job", "ann");
    await pass(100, () => times.length === 3);
    const [run] = await ended(scheduler, 1);
    expect(run).toMatchObject({ state: "failed", by: "ann", attempts: 3, error: "no luck 3" });
    expect(run?.output).toBe("attempt 1 failed: no luck 1\nattempt 2 failed: no luck 2\n");
    expect((times[2] ?? 0) - (times[1] ?? 0)).toBeGreaterThan(1.5 * ((times[1] ?? 0) - (times[0] ?? 0)));
    expect(await scheduler.status("job")).toMatchObject({ state: "scheduled", error: "no luck 3", retryCount: 2 });
  });

  it("ends an attempt at its time-out by its signal, and begins no other before it has really ended", async () => {
    const scheduler = open();
    let letGo = () => {};
    const signals: AbortSignal[] = [];
    const stubborn = ({ signal }: JobRun) => {
      signals.push(signal);
      return new Promise<void>((resolve) => {
        letGo = resolve;
      });
    };
    await scheduler.schedule(hourly(stubborn, { timeoutMs: 5000, retries: 1 }));
    await scheduler.runNow("job", "ann");
    await pass(500, () => signals[0]?.aborted === true);
    await pass(2000, () => clock.now() > at("2026-01-01T00:05Z"));
    expect(signals).toHaveLength(1);
    expect(await scheduler.status("job")).toMatchObject({ state: "running" });
    letGo();
    await pass(500, () => signals.length === 2);
    await pass(500, () => signals[1]?.aborted === true);
    letGo();
    expect((await ended(scheduler, 1))[0]).toMatchObject({
      state: "failed",
      error: "timed out after 5000 ms",
      attempts: 2,
    });
  });

  it.each([
    ["skip", 0],
    ["run_once", 1],
  ] as const)("after a night without a node: %s runs what was missed %i times", async (missed, count) => {
    const before = open();
    await before.schedule(hourly(async () => {}, { missed }));
    await close(before);
    clock.advance(10 * 60 * minuteMs + 2 * minuteMs);
    const scheduler = open();
    await scheduler.schedule(hourly(async () => {}, { missed }));
    await until(async () => (await scheduler.status("job"))?.nextRunAt === at("2026-01-01T11:00Z"));
    expect(await ended(scheduler, count)).toHaveLength(count);
  });

  it("pauses, resumes and keeps both over a restart; runs by hand meanwhile", async () => {
    const scheduler = open();
    await scheduler.schedule(hourly(async () => {}));
    expect(await scheduler.pause("job")).toMatchObject({ state: "paused", nextRunAt: null });
    await close(scheduler);
    const again = open();
    await again.schedule(hourly(async () => {}));
    await pass(10 * minuteMs, () => clock.now() > at("2026-01-01T05:30Z"));
    expect(await again.history("job", 9)).toEqual([]);
    await again.runNow("job", "ann");
    expect(await ended(again, 1)).toMatchObject([{ by: "ann", state: "done" }]);
    expect(await again.resume("job")).toMatchObject({ state: "scheduled", nextRunAt: expect.any(Number) });
    await pass(10 * minuteMs, async () => (await again.history("job", 9)).length === 2);
  });

  it("changes a job and writes a note of it in one transaction", async () => {
    const scheduler = open();
    await scheduler.schedule(hourly(async () => {}));
    const notes: string[] = [];
    const note = async ({ name, state }: JobStatus) => void notes.push(`${name} ${state}`);
    const refuse = async () => {
      throw new Error("the note is not taken");
    };
    await scheduler.pause("job", note);
    await expect(scheduler.resume("job", refuse)).rejects.toThrow("not taken");
    await expect(scheduler.runNow("job", "ann", refuse)).rejects.toThrow("not taken");
    expect(await scheduler.status("job")).toMatchObject({ state: "paused" });
    await scheduler.resume("job", note);
    expect(notes).toEqual(["Job paused", "Job scheduled"]);
    expect(await scheduler.history("job", 9)).toEqual([]);
  });

  it("takes another timetable, which stays until the program's own changes", async () => {
    const scheduler = open();
    await scheduler.schedule(hourly(async () => {}));
    const night = { cron: "0 3 * * *", timeZone: "Asia/Taipei" };
    expect(await scheduler.update("job", night)).toMatchObject({ ...night, nextRunAt: at("2026-01-01T19:00Z") });
    await scheduler.schedule(hourly(async () => {}));
    expect(await scheduler.status("job")).toMatchObject(night);
    await scheduler.schedule(hourly(async () => {}, { cron: "30 * * * *" }));
    expect(await scheduler.status("job")).toMatchObject({ cron: "30 * * * *", timeZone: "UTC" });
    await expect(scheduler.update("job", { cron: "0 3 30 2 *", timeZone: "" })).rejects.toThrow("never fires");
  });

  it("cancels with history, and stops what runs", async () => {
    const scheduler = open();
    let signal: AbortSignal | undefined;
    const waits = (run: JobRun) => {
      signal = run.signal;
      return new Promise<void>((resolve) => run.signal.addEventListener("abort", () => resolve()));
    };
    await scheduler.schedule(hourly(waits));
    await scheduler.runNow("job", "ann");
    await until(() => signal);
    expect([await scheduler.cancel("job"), await scheduler.cancel("job")]).toEqual([true, false]);
    expect(signal?.aborted).toBe(true);
    expect([await scheduler.list(), await scheduler.history("job", 9), await scheduler.status("job")]).toEqual([
      [],
      [],
      undefined,
    ]);
    for (const work of [scheduler.pause("job"), scheduler.resume("job"), scheduler.runNow("job", "ann")]) {
      await expect(work).rejects.toMatchObject({ code: "not_found" });
    }
  });

  it("refuses a job that never fires, and stores nothing of it", async () => {
    const scheduler = open();
    await expect(scheduler.schedule(hourly(async () => {}, { cron: "0 0 31 4 *" }))).rejects.toMatchObject({
      code: "bad_request",
    });
    expect(await scheduler.list()).toEqual([]);
  });

  it("keeps fifty runs, and of each the newest output", async () => {
    const scheduler = open("n1", systemClock);
    await scheduler.schedule(hourly(async ({ print, fence }) => print(`${"x".repeat(5000)} ${fence}`)));
    for (let n = 1; n <= 53; n++) {
      await scheduler.runNow("job", "ann");
      await until(async () => (await scheduler.history("job", 1))[0]?.output.includes(` ${n}\n`));
      await until(async () => (await scheduler.status("job"))?.state === "scheduled");
    }
    const history = await scheduler.history("job", 100);
    expect(history).toHaveLength(50);
    expect(history[0]?.output.length).toBe(4000);
  });

  it("ends what runs when the node stops, and gives the job free at once", async () => {
    const scheduler = open();
    await scheduler.schedule(
      hourly(({ signal }) => new Promise((resolve) => signal.addEventListener("abort", () => resolve()))),
    );
    await scheduler.runNow("job", "ann");
    await until(async () => (await scheduler.status("job"))?.state === "running");
    await close(scheduler);
    expect(await open().history("job", 1)).toMatchObject([{ state: "failed", error: "node stopped" }]);
  });

  it("goes on at once after a claim that was stored without its answer", async () => {
    let isDeaf = false;
    const transaction: SqlClient["transaction"] = async (work) => {
      const answer = await database.sql.transaction(work);
      if (isDeaf) throw new Error("the answer was lost");
      return answer;
    };
    const scheduler = open("n1", clock, { ...database.sql, transaction });
    let runs = 0;
    await scheduler.schedule(hourly(async () => void runs++));
    isDeaf = true;
    await expect(scheduler.runNow("job", "ann")).rejects.toThrow("lost");
    await pass(500, async () => (await scheduler.status("job"))?.state === "running");
    isDeaf = false;
    const heldAt = clock.now();
    await pass(500, async () => (await scheduler.history("job", 1))[0]?.state === "abandoned");
    expect(clock.now() - heldAt).toBeLessThanOrEqual(2000);
    await scheduler.runNow("job", "ann");
    expect(await ended(scheduler, 2)).toMatchObject([{ state: "done" }, { state: "abandoned" }]);
    expect(runs).toBe(1);
  });

  it("goes on at once when a node that was killed in a run starts again", async () => {
    const waits = hourly(({ signal }) => new Promise((resolve) => signal.addEventListener("abort", () => resolve())));
    const killed = open("n1", createFakeClock(clock.now())); // its clock stands still: it does nothing any more
    await killed.schedule(waits);
    await killed.runNow("job", "ann");
    await until(async () => (await killed.status("job"))?.state === "running");
    const again = open("n1");
    await again.schedule(hourly(async () => {}));
    await again.runNow("job", "ann");
    await until(async () => (await again.history("job", 2))[0]?.state === "done");
    expect(await again.history("job", 2)).toMatchObject([{ state: "done" }, { state: "abandoned" }]);
    expect(clock.now()).toBe(at("2026-01-01T00:00:00Z"));
  });

  it("stops a run whose lease another node has taken, and does not let it write its end", async () => {
    const stalled = createFakeClock(clock.now());
    const first = open("n1", stalled);
    let signal: AbortSignal | undefined;
    const waits = (run: JobRun) => {
      signal = run.signal;
      return new Promise<void>((resolve) => run.signal.addEventListener("abort", () => resolve()));
    };
    await first.schedule(hourly(waits, { missed: "run_once" }));
    await first.runNow("job", "ann");
    await until(() => signal);
    clock.advance(20_000); // the first node's clock stands still, as its process would
    const second = open("n2");
    const fences: number[] = [];
    await second.schedule(hourly(async ({ fence }) => void fences.push(fence), { missed: "run_once" }));
    await until(() => fences.length === 1);
    stalled.advance(6000);
    await until(() => signal?.aborted);
    const history = await ended(second, 2);
    expect(history).toMatchObject([
      { node: "n2", state: "done" },
      { node: "n1", state: "abandoned" },
    ]);
    expect(fences).toEqual([2]);
  });
});

/** Side by side: most of it is waiting for the next second. */
const threeNodes = { timeout: 120_000, concurrent: true };
describe.each(adapters)("three nodes over one database: $name", threeNodes, ({ openDatabase }) => {
  let database: TestDatabase;
  const children = new Map<string, ChildProcess>();
  beforeEach(async () => {
    database = await openDatabase();
  });
  afterEach(async () => {
    for (const child of children.values()) child.kill("SIGKILL");
    await database.dispose();
  });

  /** `T` in the state that the kernel shows. */
  const isStopped = (pid: number) => /\) T /.test(readFileSync(`/proc/${pid}/stat`, "utf8"));

  it("never run a job twice at once, and take over from one that was killed in the middle", async () => {
    const journal = join(database.folder, "journal");
    const child = join(import.meta.dirname, "scheduler.child.ts");
    for (const node of ["a", "b", "c"]) {
      const args = ["--disable-warning=ExperimentalWarning", child, JSON.stringify(database.place), journal, node];
      children.set(node, spawn(process.execPath, args, { stdio: ["ignore", "inherit", "inherit"] }));
    }
    const lines = () =>
      (existsSync(journal) ? readFileSync(journal, "utf8").trim().split("\n") : []).map((line) => {
        const [node = "", what, fence] = line.split(" ");
        return { node, what, fence: Number(fence) };
      });
    const runs = () => lines().filter(({ what }) => what === "begins").length;
    await until(() => runs() >= 4, 60_000);
    const beginning = () => {
      const last = lines().at(-1);
      return last?.what === "begins" ? last : undefined;
    };
    const victim = await until(async () => {
      const last = beginning();
      const child = last && children.get(last.node);
      // A run may end between the look and the kill: stopped first, it cannot.
      child?.kill("SIGSTOP");
      await until(() => !child?.pid || isStopped(child.pid));
      if (last && beginning()?.fence === last.fence) return last;
      child?.kill("SIGCONT");
      return undefined;
    }, 40_000);
    children.get(victim.node)?.kill("SIGKILL");
    const before = runs();
    const takesOver = () => lines().find(({ what, fence }) => what === "begins" && fence === victim.fence + 1);
    expect((await until(takesOver, 10_000)).node).not.toBe(victim.node);
    await until(() => runs() >= before + 4, 60_000);
    for (const other of children.values()) other.kill("SIGKILL");

    const all = lines();
    const begins = all.filter(({ what }) => what === "begins");
    expect(begins.map(({ fence }) => fence)).toEqual(begins.map((_, index) => index + 1));
    for (const [index, line] of all.entries()) {
      const after = all[index + 1];
      if (line.what !== "begins" || !after) continue;
      const isKilled = line.fence === victim.fence;
      expect(after).toMatchObject(isKilled ? { what: "begins" } : { what: "ends", fence: line.fence });
    }
  });
});
