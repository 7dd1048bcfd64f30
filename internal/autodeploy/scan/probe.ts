import type { Endpoint, FoundDevice } from "#pkg/contracts/reading.ts";
import { AppError } from "#pkg/errors/errors.ts";
import { checkRanges, type Locate } from "./allowed.ts";
import { toPace } from "./plan.ts";
import type { RunDeps } from "./run.ts";

/** Reads one endpoint again by its scanner, at the configured pace. Throws what the scanner throws. */
export async function probeDevice(
  endpoint: Endpoint,
  deps: Pick<RunDeps, "config" | "profiles" | "scanners"> & { locate?: Locate },
  signal: AbortSignal,
): Promise<FoundDevice> {
  const config = deps.config();
  checkRanges([endpoint.address], { ...config, ...(deps.locate ? { locate: deps.locate } : {}) });
  const scanner = deps.scanners().get(endpoint.protocol);
  if (!scanner) {
    const mend = "enable the plugin";
    throw new AppError("unavailable", { message: `there is no scanner for "${endpoint.protocol}"`, mend });
  }
  const pace = toPace(config, endpoint.protocol);
  return scanner.probe(endpoint, await deps.profiles(), { pace, signal, progress() {}, journal() {} });
}
