import { createHash } from "node:crypto";
import { AppError } from "#pkg/errors/errors.ts";
import type { Logger } from "#pkg/logger/port.ts";
import type { JobDefinition, JobRun, JobScheduler } from "#pkg/scheduler/port.ts";
import type { ScanConfig, ScanRangeConfig } from "../config.ts";
import type { ScanRequest, Scans } from "../contract.ts";
import { checkRanges, type Locate } from "./allowed.ts";

export interface ScheduleDeps {
  scans: Pick<Scans, "start" | "get" | "cancel">;
  scheduler: Pick<JobScheduler, "schedule" | "cancel" | "list" | "runNow">;
  /** As of now; a reload calls again. */
  ranges: readonly ScanRangeConfig[];
  /** IANA zone of the cron texts; empty is the machine's. */
  timeZone: string;
  log: Logger;
  /** False after a reload: what was scanned at the start is not scanned again. */
  atStart: boolean;
}

const idPrefix = "scan-";
const dayMs = 86_400_000;
const lookEveryMs = 500;

/**
 * Makes each configured range with a schedule a job, and jobs of ranges that are gone go; scans at the start what asks
 * for it. A range that cannot be scheduled is logged and does not keep the others from it.
 */
export async function scheduleScans({ scans, scheduler, ranges, timeZone, log, atStart }: ScheduleDeps): Promise<void> {
  const wanted = new Set<string>();
  for (const range of ranges) {
    try {
      if (range.schedule !== "") {
        const job = toJob(range, timeZone, scans);
        wanted.add(job.id);
        await scheduler.schedule(job);
        if (range.at_start && atStart) await scheduler.runNow(job.id, "start");
      } else if (range.at_start && atStart) await scans.start(toRequest(range), "schedule");
    } catch (error) {
      log.error({ range: range.range, error }, "the configured range cannot be scanned");
    }
  }
  for (const { id } of await scheduler.list()) {
    if (id.startsWith(idPrefix) && !wanted.has(id)) await scheduler.cancel(id);
  }
}

/** Known by what is asked, so that another schedule or other tags keep the history. */
function toJob(range: ScanRangeConfig, timeZone: string, scans: ScheduleDeps["scans"]): JobDefinition {
  const { range: place, protocols, ports, schedule: cron } = range;
  const mark = createHash("sha256")
    .update(JSON.stringify([place, protocols, ports]))
    .digest("hex");
  return {
    id: `${idPrefix}${mark.slice(0, 12)}`,
    name: `scan ${place}`,
    cron,
    timeZone,
    timeoutMs: dayMs,
    retries: 0,
    backoffMs: 0,
    // What the start scans anyway need not be made up for.
    missed: range.at_start ? "skip" : "run_once",
    run: (run) => scanOnce(toRequest(range), scans, run),
  };
}

/** Scans and waits for the end; when the run is stopped, so is the scan. Throws when the scan fails. */
async function scanOnce(request: ScanRequest, scans: ScheduleDeps["scans"], run: JobRun): Promise<void> {
  const { id } = await scans.start(request, "schedule");
  run.print(`scan ${id}`);
  for (;;) {
    const isStopped = run.signal.aborted;
    const scan = isStopped ? await scans.cancel(id, "schedule") : await scans.get(id);
    if (isStopped || scan?.state !== "running") {
      run.print(
        `${scan?.state ?? "gone"}: ${scan?.progress.answered ?? 0} answered, ${scan?.found.length ?? 0} devices`,
      );
      if (scan?.state === "failed") throw new Error(scan.error ?? "the scan failed");
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, lookEveryMs));
  }
}

function toRequest({ range, tags, protocols, ports }: ScanRangeConfig): ScanRequest {
  const own = { ...(ports.snmp ? { snmp: ports.snmp } : {}), ...(ports.modbus ? { modbus: ports.modbus } : {}) };
  return { ranges: [range], tags, protocols, ports: own };
}

/**
 * What the schema cannot see: ranges that are malformed or not allowed, cron texts that are none or never fire. Throws
 * `AppError("config")` with the place. `locate` takes a path of keys below `[scan]`; `checkCron` throws on a bad one.
 */
export function checkScanConfig(config: ScanConfig, locate: Locate, checkCron: (cron: string) => void): void {
  const permission = { ...config, locate };
  checkRanges([], permission);
  for (const [index, { range, schedule }] of config.ranges.entries()) {
    const atKey = (key: string, check: () => void) => {
      try {
        check();
      } catch (error) {
        if (!(error instanceof AppError)) throw error;
        const { detail: message, mend } = error;
        throw new AppError("config", { at: locate(["ranges", index, key]), message, ...(mend ? { mend } : {}) });
      }
    };
    atKey("range", () => checkRanges([range], permission));
    if (schedule !== "") atKey("schedule", () => checkCron(schedule));
  }
}
