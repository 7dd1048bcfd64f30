import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { serveNode, writeBodies } from "./served.ts";
import { siteBodies } from "./site.ts";
import { median } from "./table.ts";

/** What a node of so many series costs. */
interface ScaleFigures {
  series: number;
  /** User and system time of the node for each value that came in, first sight of every series included. */
  cpuUsPerValue: number;
  /** Highest resident memory while values came in, in MiB. */
  peakMb: number;
  /** From the start of the process to the first answer, after SIGKILL. */
  readyMs: number;
  startCpuMs: number;
}

const sizes = [1000, 3000, 10_000, 30_000, 100_000];
const valuesEach = 3_000_000;

/** A table and curves of what 1,000 to 100,000 series cost: as many values each, medians of so many runs. */
export async function measureAllScales(runs: number): Promise<void> {
  await measureScale(1000, 100_000); // leaves Node's caches as any later start finds them
  const all: ScaleFigures[] = [];
  for (const series of sizes) {
    const figures: ScaleFigures[] = [];
    for (let run = 0; run < runs; run++) figures.push(await measureScale(series, valuesEach));
    all.push(toMedians(figures));
  }
  printScale(all);
}

function toMedians(figures: readonly ScaleFigures[]): ScaleFigures {
  const of = (key: keyof ScaleFigures) => median(figures.map((one) => one[key]));
  return {
    series: of("series"),
    cpuUsPerValue: of("cpuUsPerValue"),
    peakMb: of("peakMb"),
    readyMs: of("readyMs"),
    startCpuMs: of("startCpuMs"),
  };
}

function printScale(all: readonly ScaleFigures[]): void {
  console.log(
    "| series | CPU a value, µs | peak memory, MB | kill → ready, ms | CPU of that start, ms |\n|---|---|---|---|---|",
  );
  for (const { series, cpuUsPerValue, peakMb, readyMs, startCpuMs } of all) {
    const cells = [series.toLocaleString("en"), cpuUsPerValue.toFixed(2), peakMb, readyMs, startCpuMs];
    console.log(`| ${cells.map((cell) => (typeof cell === "number" ? Math.round(cell) : cell)).join(" | ")} |`);
  }
  for (const key of ["cpuUsPerValue", "peakMb", "readyMs"] as const) {
    console.log(`\n${key}`);
    const largest = Math.max(...all.map((one) => one[key]));
    for (const one of all) console.log(toBar(one.series, one[key] / largest));
  }
}

function toBar(series: number, part: number): string {
  return `${series.toLocaleString("en").padStart(8)} ${"█".repeat(Math.round(part * 50))}`;
}

/** The judge notes every 5 s how far it got; what came since is judged again at a start. */
const judgedMs = 6000;

/**
 * Writes `values` values, lets the judge note how far it got, kills the node and starts it again: as a site finds it that
 * polls every 10 s. What the node has not sealed by itself is in its log only.
 */
async function measureScale(series: number, values: number): Promise<ScaleFigures> {
  const folder = mkdtempSync(join(tmpdir(), "detectviz-scale-"));
  try {
    const first = await serveNode(folder);
    const bodies = [...siteBodies({ series, values })];
    const beforeMs = first.cpuMs();
    await writeBodies(first.port, bodies);
    const cpuUsPerValue = ((first.cpuMs() - beforeMs) * 1000) / values;
    const peakMb = first.peakMb();
    await new Promise((resolve) => setTimeout(resolve, judgedMs));
    await first.kill("SIGKILL");
    const again = await serveNode(folder);
    const { readyMs } = again;
    const startCpuMs = again.cpuMs();
    await again.kill("SIGKILL");
    return { series, cpuUsPerValue, peakMb, readyMs, startCpuMs };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
