import { Cron } from "croner";
import { AppError, messageOf } from "#pkg/errors/errors.ts";
import type { Logger } from "#pkg/logger/port.ts";
import type { ScanConfig, ScanRangeConfig } from "../config.ts";
import type { ScanRequest, Scans } from "../contract.ts";
import { checkRanges, type Locate } from "./allowed.ts";

export interface ScheduleDeps {
  scans: Pick<Scans, "start" | "get">;
  /** As of now; a reload starts a new schedule. */
  ranges: readonly ScanRangeConfig[];
  /** IANA zone of the cron texts; undefined is the machine's. */
  timeZone?: string;
  log: Logger;
  /** False after a reload: what was scanned at the start is not scanned again. */
  atStart: boolean;
}

/** Scans the configured ranges at start and when their cron text says so, never one range twice at once. */
export function openSchedule({ scans, ranges, timeZone, log, atStart }: ScheduleDeps): { close(): void } {
  const crons: Cron[] = [];
  for (const range of ranges) {
    const scan = createScanOnce(range, scans, log);
    if (range.at_start && atStart) void scan();
    if (range.schedule === "") continue;
    crons.push(new Cron(range.schedule, { unref: true, ...(timeZone ? { timezone: timeZone } : {}) }, scan));
  }
  return {
    close() {
      for (const cron of crons) cron.stop();
    },
  };
}

/** Starts a scan of the range unless its last one still runs. Never rejects. */
function createScanOnce(range: ScanRangeConfig, scans: ScheduleDeps["scans"], log: Logger): () => Promise<void> {
  let last: string | undefined;
  return async () => {
    try {
      const before = last === undefined ? undefined : await scans.get(last);
      if (before?.state === "running") return;
      last = (await scans.start(toRequest(range), "schedule")).id;
    } catch (error) {
      log.error({ range: range.range, error: messageOf(error) }, "the configured range cannot be scanned");
    }
  };
}

function toRequest({ range, tags, protocols, ports }: ScanRangeConfig): ScanRequest {
  const own = { ...(ports.snmp ? { snmp: ports.snmp } : {}), ...(ports.modbus ? { modbus: ports.modbus } : {}) };
  return { ranges: [range], tags, protocols, ports: own };
}

/**
 * What the schema cannot see: ranges that are malformed or not allowed, cron texts that are none. Throws
 * `AppError("config")` with the place. `locate` takes a path of keys below `[scan]`.
 */
export function checkScanConfig(config: ScanConfig, locate: Locate): void {
  const permission = { ...config, locate };
  checkRanges([], permission);
  for (const [index, { range, schedule }] of config.ranges.entries()) {
    const refuse = (key: string, error: unknown) => {
      const mend = error instanceof AppError ? error.mend : 'write for example "0 3 * * *"';
      const message = error instanceof AppError ? error.detail : `schedule "${schedule}": ${messageOf(error)}`;
      throw new AppError("config", { at: locate(["ranges", index, key]), message, ...(mend ? { mend } : {}) });
    };
    try {
      checkRanges([range], permission);
    } catch (error) {
      refuse("range", error);
    }
    try {
      if (schedule !== "") new Cron(schedule, { paused: true }).stop();
    } catch (error) {
      refuse("schedule", error);
    }
  }
}
