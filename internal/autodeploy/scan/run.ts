import type { Device, Inventory } from "#internal/inventory/contract.ts";
import type { Clock } from "#pkg/clock/port.ts";
import type { DeviceProfile } from "#pkg/contracts/profile.ts";
import type { FoundDevice } from "#pkg/contracts/reading.ts";
import type { ScanContext, Scanner, ScanTask } from "#pkg/contracts/scanner.ts";
import { AppError } from "#pkg/errors/errors.ts";
import type { ScanConfig } from "../config.ts";
import { isAcceptedAtOnce, isCovered, placeOf } from "./decide.ts";
import type { ScanJob } from "./job.ts";
import type { Sweep } from "./plan.ts";
import { addressesOf } from "./ranges.ts";

export interface RunDeps {
  clock: Clock;
  inventory: Pick<Inventory, "all" | "discovered" | "setState">;
  /** By protocol. */
  scanners(): ReadonlyMap<string, Scanner>;
  profiles(): Promise<readonly DeviceProfile[]>;
  config(): ScanConfig;
  /** `address:port` of what Telegraf reads now: never asked. */
  busy(): ReadonlySet<string>;
}

/** Carries out one job: its sweeps one after the other, each device stored as soon as it is known. */
export async function runScan(job: ScanJob, deps: RunDeps): Promise<void> {
  const busy = new Set(deps.busy());
  await countRead(job, busy, deps);
  for (const [index, sweep] of job.plan.sweeps.entries()) {
    const scanner = deps.scanners().get(sweep.protocol);
    if (!scanner) {
      const message = `the scanner for ${sweep.protocol} is gone`;
      throw new AppError("unavailable", { message, mend: "enable the plugin, then scan again" });
    }
    const context = toContext(job, sweep, job.progress.answered, index);
    for await (const found of scanner.scan(await toTask(job, sweep, busy, deps), context)) await take(found, job, deps);
    if (job.stop.signal.aborted) return;
    job.progress.sent = (index + 1) * job.plan.count;
  }
  await markVanished(job, busy, deps);
}

/** Devices that Telegraf reads are not asked, but they are there. */
async function countRead(job: ScanJob, busy: ReadonlySet<string>, { inventory, clock }: RunDeps): Promise<void> {
  if (busy.size === 0) return;
  for (const device of await inventory.all()) {
    if (!busy.has(placeOf(device)) || !isCovered(device, job.plan)) continue;
    job.found.add(device.id);
    const target = placeOf(device);
    job.journal.add({ atMs: clock.now(), target, sent: "nothing", outcome: "known: Telegraf reads it now" });
  }
}

async function toTask(job: ScanJob, sweep: Sweep, busy: ReadonlySet<string>, deps: RunDeps): Promise<ScanTask> {
  const { spans, count } = job.plan;
  const { ports, credentials } = sweep;
  return { addresses: addressesOf(spans), total: count, ports, credentials, busy, profiles: await deps.profiles() };
}

/** Progress counts over all sweeps; a scanner counts only its own. */
function toContext(job: ScanJob, sweep: Sweep, answeredBefore: number, sweepsBefore: number): ScanContext {
  return {
    pace: sweep.pace,
    signal: job.stop.signal,
    progress(sent, answered) {
      job.progress.sent = sweepsBefore * job.plan.count + sent;
      job.progress.answered = answeredBefore + answered;
    },
    journal: (entry) => job.journal.add(entry),
  };
}

async function take(found: FoundDevice, job: ScanJob, deps: RunDeps): Promise<void> {
  const device = await deps.inventory.discovered(found, job.id, job.request.tags ?? {});
  job.found.add(device.id);
  if (!isAcceptedAtOnce(device, job.request, deps.config().accept)) return;
  await deps.inventory.setState([device.id], "accepted", null, `scan:${job.id}`);
}

/** Known devices that this scan asked in the way they are known, and that did not answer. Those that Telegraf reads were not asked. */
async function markVanished(job: ScanJob, busy: ReadonlySet<string>, deps: RunDeps): Promise<void> {
  const busyNow = deps.busy();
  const isRead = (device: Device) => busy.has(placeOf(device)) || busyNow.has(placeOf(device));
  const isGone = (device: Device) => !job.found.has(device.id) && !isRead(device) && isCovered(device, job.plan);
  const ids = (await deps.inventory.all()).filter(isGone).map((device) => device.id);
  const problem = { code: "vanished", detail: `scan ${job.id} asked for it and got no answer` };
  if (ids.length > 0) await deps.inventory.setState(ids, "vanished", problem, `scan:${job.id}`);
}
