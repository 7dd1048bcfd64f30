import { AsyncResource } from "node:async_hooks";
import { v7 } from "uuid";
import type { Device, Inventory } from "#internal/inventory/contract.ts";
import type { FoundDevice } from "#pkg/contracts/reading.ts";
import { AppError, messageOf } from "#pkg/errors/errors.ts";
import type { Logger } from "#pkg/logger/port.ts";
import type { SqlClient } from "#pkg/sql/port.ts";
import type { Traced } from "#pkg/telemetry/port.ts";
import type { ScanRequest, ScanRun, Scans } from "../contract.ts";
import type { Locate } from "./allowed.ts";
import { createJob, endJob, type ScanJob, toRun } from "./job.ts";
import { type ScanPlan, toPlan } from "./plan.ts";
import { probeDevice } from "./probe.ts";
import { overlap } from "./ranges.ts";
import { type RecorderDeps, startRecorder } from "./recorder.ts";
import { type RunDeps, runScan } from "./run.ts";
import { createScanStore } from "./store.ts";

/** Scans that run beside each other; those that share addresses never do, so that their paces do not add up. */
const mostActive = 4;
const mostWaiting = 16;

export interface ScansDeps extends RunDeps {
  sql: SqlClient;
  log: Logger;
  inventory: Inventory;
  /** `file:line` of `[scan] allow` and `deny`, for refusals. */
  locate?: Locate;
  /** After each run that found its end by itself: time to deploy. Must not throw. */
  onDone(run: ScanRun): void;
  /** Runs each scan as a piece of the trace in which it was asked for. */
  traced?: Traced;
}

/** Scans with their end. */
export interface OpenScans extends Scans {
  /**
   * Reads one known device again, gently. Throws when it does not answer, and `AppError("bad_request")` when the
   * allow-list no longer holds its address. Not for a device that Telegraf reads now.
   */
  probe(device: Pick<Device, "endpoint">): Promise<FoundDevice>;
  /** Stops what runs; those runs are failed with "node stopped". */
  close(): Promise<void>;
}

/** Takes up the record of scans: runs that an earlier process left running are failed with "node stopped". */
export async function openScans(deps: ScansDeps): Promise<OpenScans> {
  const { clock, log, traced = (_name, _attributes, work) => work() } = deps;
  const store = createScanStore(deps.sql);
  await store.recover(clock.now());
  const active = new Map<ScanJob, Promise<void>>();
  const waiting: ScanJob[] = [];
  /** A scan that waited runs where it was asked for, not where the one before it ended. */
  const works = new WeakMap<ScanJob, () => Promise<void>>();
  const stop = new AbortController();
  let isClosed = false;

  const begin = (job: ScanJob) => {
    const work = works
      .get(job)?.()
      .finally(() => {
        active.delete(job);
        beginNext();
      });
    if (work) active.set(job, work);
  };
  const beginNext = () => {
    const ahead = [...active.keys()];
    for (const job of [...waiting]) {
      if (active.size >= mostActive || isClosed) return;
      const isFree = !ahead.some((other) => overlap(other.plan.spans, job.plan.spans));
      ahead.push(job);
      if (!isFree) continue;
      waiting.splice(waiting.indexOf(job), 1);
      begin(job);
    }
  };
  const live = (id: string) => [...active.keys(), ...waiting].find((job) => job.id === id);

  const halt = async (job: ScanJob, state: "cancelled" | "failed", error: string | null) => {
    endJob(job, state, error, clock.now());
    job.stop.abort();
    const place = waiting.indexOf(job);
    if (place >= 0) waiting.splice(place, 1);
    await store.save(toRun(job), job.journal.take());
  };

  return {
    async start(request, by) {
      const job = createJob({ id: v7(), request, plan: planOf(request, deps), by, startedAt: clock.now() });
      if (isClosed) throw new AppError("unavailable", { message: "this node is stopping" });
      if (waiting.length >= mostWaiting) refuseMore();
      if (request.dryRun) endJob(job, "done", null, clock.now());
      await store.save(toRun(job), []);
      log.info({ scan: job.id, by, ranges: request.ranges, addresses: job.plan.count }, "scan requested");
      if (!request.dryRun) {
        const work = () =>
          traced("scan", { "scan.id": job.id }, () => carryOut(job, { ...deps, store, closing: stop.signal }));
        works.set(job, AsyncResource.bind(work));
        waiting.push(job);
        beginNext();
      }
      return toRun(job);
    },
    async cancel(id, by) {
      const job = live(id);
      if (!job) return (await store.get(id)) ?? unknownScan(id);
      log.info({ scan: id, by }, "scan cancelled");
      await halt(job, "cancelled", `cancelled by ${by}`);
      return toRun(job);
    },
    async get(id) {
      const job = live(id);
      return job ? toRun(job) : store.get(id);
    },
    async list(limit) {
      return (await store.list(limit)).map((run) => {
        const job = live(run.id);
        return job ? toRun(job) : run;
      });
    },
    journal: (id) => store.journal(id),
    probe: ({ endpoint }) => probeDevice(endpoint, deps, stop.signal),
    async close() {
      isClosed = true;
      stop.abort();
      const jobs = [...active.keys(), ...waiting];
      await Promise.all(jobs.map((job) => halt(job, "failed", "node stopped")));
      await Promise.all(active.values());
    },
  };
}

function planOf(request: ScanRequest, deps: ScansDeps): ScanPlan {
  const plan = toPlan(request, deps.config(), deps.locate);
  const missing = plan.sweeps.find((sweep) => !deps.scanners().has(sweep.protocol));
  if (!missing) return plan;
  throw new AppError("bad_request", {
    message: `there is no scanner for "${missing.protocol}"`,
    mend: "leave the protocol out, or enable the plugin",
  });
}

/** Runs a job to its end and tells of it. Never rejects. */
async function carryOut(job: ScanJob, deps: ScansDeps & RecorderDeps): Promise<void> {
  const { clock, log, store } = deps;
  const recorder = startRecorder(job, deps);
  try {
    await runScan(job, deps);
    endJob(job, "done", null, clock.now());
  } catch (error) {
    log.error({ scan: job.id, error }, "scan failed");
    endJob(job, "failed", messageOf(error), clock.now());
  }
  await recorder.end();
  await store.trim().catch((error: unknown) => log.error({ error }, "old scans cannot be removed"));
  log.info({ scan: job.id, state: job.state, ...job.progress, found: job.found.size }, "scan ended");
  if (job.state === "done") deps.onDone(toRun(job));
}

function refuseMore(): never {
  throw new AppError("too_many", {
    message: `${mostWaiting} scans are waiting already`,
    mend: "wait for them, or cancel some",
    retryAfterS: 60,
  });
}

function unknownScan(id: string): never {
  throw new AppError("not_found", { message: `there is no scan ${id}`, mend: "GET /api/v1/scans lists them" });
}
