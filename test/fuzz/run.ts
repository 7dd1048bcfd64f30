import { createRandom } from "../fixtures/random.ts";
import { createChunkTarget } from "./chunk.ts";
import { createLineProtocolTarget } from "./lineprotocol.ts";
import { createLogTarget } from "./log.ts";
import type { FuzzTarget } from "./target.ts";

export const targets: Readonly<Record<string, () => FuzzTarget>> = {
  lineprotocol: createLineProtocolTarget,
  log: createLogTarget,
  chunk: createChunkTarget,
};

/** No case may take longer of the processor: bytes from outside must not hold up the node. */
const slowMs = 2000;
const mostFailures = 10;

export interface FuzzReport {
  inputs: number;
  /** Words with the seed of the case that failed. */
  failures: string[];
}

/** Runs cases until so many inputs are through. Case n has the seed `seed + n`: one failure is one seed. */
export function fuzz(
  target: FuzzTarget,
  inputs: number,
  seed: number,
  onCase: (seed: number) => void = () => {},
): FuzzReport {
  const report: FuzzReport = { inputs: 0, failures: [] };
  for (let at = seed; report.inputs < inputs && report.failures.length < mostFailures; at++) {
    onCase(at);
    const before = process.cpuUsage();
    try {
      target.run(createRandom(at));
    } catch (error) {
      const words = error instanceof Error ? `${error.name}: ${error.message}\n${error.stack ?? ""}` : String(error);
      report.failures.push(`${target.name}, seed ${at}: ${words.slice(0, 3000)}`);
    }
    const { user, system } = process.cpuUsage(before);
    const tookMs = (user + system) / 1000;
    if (tookMs > slowMs) report.failures.push(`${target.name}, seed ${at}: took ${Math.round(tookMs)} ms`);
    report.inputs += target.inputsPerCase;
  }
  return report;
}
