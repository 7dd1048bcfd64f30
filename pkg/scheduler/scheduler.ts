import type { Clock } from "#pkg/clock/port.ts";
import { AppError } from "#pkg/errors/errors.ts";
import type { Logger } from "#pkg/logger/port.ts";
import type { SqlClient } from "#pkg/sql/port.ts";
import { nextAfter } from "./cron.ts";
import { createLoop } from "./loop.ts";
import type { JobDefinition, JobNote, JobScheduler, JobStatus, Timetable } from "./port.ts";
import { carryOut } from "./run.ts";
import { createJobStore, isDue, type JobStore } from "./store.ts";
import { isHeldByOther, type JobRow, toStatus } from "./tables.ts";

export interface SchedulerDeps {
  sql: SqlClient;
  clock: Clock;
  log: Logger;
  /** Name of this node, for the history. */
  node: string;
  /** The same over restarts, no other node's, at most 100 characters: what an earlier process of it left is free at once. */
  instance: string;
  /** How long a dead node keeps its jobs. */
  leaseMs?: number;
}

/** How late another node's or a person's change is seen. */
const lookEveryMs = 1000;
const closeWithinMs = 5000;

/** Takes up the job table: looks for jobs that are due as soon as the first is scheduled. */
export function openScheduler(deps: SchedulerDeps): JobScheduler {
  const { sql, clock } = deps;
  const store = createJobStore(sql);
  const known = new Map<string, JobDefinition>();
  const runner = createRunner(known, store, deps);

  const change = async (id: string, apply: (row: JobRow) => Partial<JobRow>, note?: JobNote): Promise<JobStatus> => {
    const row = await store.change(id, apply, note && ((next, tx) => note(toStatus(next, clock.now()), tx)));
    if (!row)
      throw new AppError("not_found", { message: `there is no job "${id}"`, mend: "GET /api/v1/jobs lists them" });
    runner.look();
    return toStatus(row, clock.now());
  };

  return {
    async schedule(job) {
      await takeUp(job, sql, store, clock.now());
      known.set(job.id, job);
      runner.look();
    },
    async cancel(id) {
      known.delete(id);
      runner.stop(id);
      return store.remove(id);
    },
    update: (id, timetable) => change(id, () => toTimetableColumns(timetable, clock.now())),
    pause: (id, note) => change(id, () => ({ paused: 1 }), note),
    resume(id, note) {
      const resumed = (row: JobRow) => {
        const next = nextAfter({ cron: row.cron, timeZone: row.time_zone }, clock.now());
        return { paused: 0, ...(known.get(id)?.missed === "run_once" ? {} : { next_run_at: next }) };
      };
      return change(id, resumed, note);
    },
    runNow: (id, by, note) => change(id, () => ({ requested_by: by }), note),
    list: async () => (await store.all()).map((row) => toStatus(row, clock.now())),
    async status(id) {
      const row = await store.find(id);
      return row && toStatus(row, clock.now());
    },
    history: (id, limit) => store.history(id, limit),
    async clockWentBack(byMs) {
      for (const { id } of await store.all()) await store.change(id, (row) => earlier(row, byMs, clock.now()));
      runner.look();
    },
    close: () => runner.close(),
  };
}

/** Begins what is due and free, each job at most once at a time. */
function createRunner(known: ReadonlyMap<string, JobDefinition>, store: JobStore, deps: SchedulerDeps) {
  const { clock, log, node, instance: holder, leaseMs = 15_000 } = deps;
  const running = new Map<string, { stop: AbortController; work: Promise<void> }>();
  const begin = async (job: JobDefinition) => {
    const claim = await store.claim(job, { holder, node, nowMs: clock.now(), leaseMs });
    if (!claim) return;
    const stop = new AbortController();
    const work = carryOut(job, claim, stop.signal, { store, clock, log, leaseMs }).finally(() => {
      running.delete(job.id);
      loop.soon();
    });
    running.set(job.id, { stop, work });
  };
  const lookOnce = async (): Promise<number> => {
    let pauseMs = lookEveryMs;
    for (const row of await store.all()) {
      const job = known.get(row.id);
      if (!job || running.has(row.id) || isHeldByOther(row, holder, clock.now())) continue;
      if (isDue(row, clock.now())) await begin(job);
      else if (row.paused === 0) pauseMs = Math.min(pauseMs, Math.max(0, row.next_run_at - clock.now()));
    }
    return pauseMs;
  };
  const loop = createLoop(clock, () =>
    lookOnce().catch((error: unknown) => {
      log.error({ error }, "jobs that are due cannot be looked for");
      return lookEveryMs;
    }),
  );
  return {
    look: loop.soon,
    stop: (id: string) => running.get(id)?.stop.abort(new Error("the job was cancelled")),
    async close() {
      await loop.close();
      const works = [...running.values()].map(({ stop, work }) => {
        stop.abort(new Error("node stopped"));
        return work;
      });
      const patience = new Promise<void>((resolve) => setTimeout(resolve, closeWithinMs).unref());
      await Promise.race([Promise.all(works), patience]);
    },
  };
}

/** A new job gets its row; a known one its name, and its timetable where the program's own has changed. */
async function takeUp(job: JobDefinition, sql: SqlClient, store: JobStore, nowMs: number): Promise<void> {
  const columns = toTimetableColumns(job, nowMs);
  const defined = `${job.cron} ${job.timeZone}`;
  await sql.transaction(async (tx) => {
    if (await store.find(job.id, tx)) return;
    const idle = { paused: 0, requested_by: null, fence: 0, holder: null, lease_until: null };
    const never = { last_run_at: null, error: null, retry_count: 0 };
    await store.insert(tx, { id: job.id, name: job.name, defined, ...columns, ...idle, ...never });
  });
  await store.change(job.id, (row) => ({ name: job.name, defined, ...(row.defined === defined ? {} : columns) }));
}

/** Nothing when the job's next time is as good as any. */
function earlier(row: JobRow, byMs: number, nowMs: number): Partial<JobRow> {
  const timetable = { cron: row.cron, timeZone: row.time_zone };
  const next = nextAfter(timetable, nowMs);
  const periodMs = nextAfter(timetable, next) - next;
  return periodMs <= byMs && next < row.next_run_at ? { next_run_at: next } : {};
}

function toTimetableColumns(timetable: Timetable, nowMs: number) {
  const { cron, timeZone } = timetable;
  return { cron, time_zone: timeZone, next_run_at: nextAfter(timetable, nowMs) };
}
