import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { openMariaDb } from "#test/fixtures/mariadb.ts";
import { type TortureReport, torture } from "#test/torture/run.ts";

/**
 * `npm run torture -- --runs N [--seed S] [--adapter sqlite|mysql]`: kills a node under load N times, starts it again,
 * and compares what its clients were told with what is there. Ends with `N passed, N failed`.
 */
const usage = "usage: npm run torture -- --runs N [--seed S] [--adapter sqlite|mysql]";

async function main(runs: number, seed: number, adapter: string): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "detectviz-torture-"));
  const server = adapter === "mysql" ? await openMariaDb() : undefined;
  console.log(`seed ${seed}, ${runs} runs, ${adapter}`);
  try {
    const makeServer = server && ((name: string) => server.makeDatabase(name));
    const startedAt = performance.now();
    const say = (line: string) => console.log(line);
    const report = await torture({ runs, seed, folder, makeServer, stop: stop.signal, say });
    console.log(toFigures(report, performance.now() - startedAt));
    console.log(`${report.passed} passed, ${report.failed} failed`);
    process.exitCode = report.failed > 0 ? 1 : 0;
    if (report.failed === 0) rmSync(folder, { recursive: true, force: true });
  } finally {
    await server?.close();
  }
}

function toFigures(
  { startsMs, samples, alertChanges, recordChanges, passed, failed }: TortureReport,
  tookMs: number,
): string {
  const sorted = startsMs.toSorted((a, b) => a - b);
  const quantile = (q: number) => Math.round(sorted[Math.floor((sorted.length - 1) * q)] ?? 0);
  return [
    `${samples} samples, ${alertChanges} changes of alerts and ${recordChanges} of records were acknowledged`,
    `ready after a kill: p50 ${quantile(0.5)} ms, p99 ${quantile(0.99)} ms, longest ${quantile(1)} ms`,
    `${(tookMs / 1000 / (passed + failed)).toFixed(2)} s a run`,
  ].join("\n");
}

/** The first signal ends it after the run that is under way, with its report; the second at once. */
const stop = new AbortController();
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.on(signal, () => (stop.signal.aborted ? process.exit(130) : stop.abort()));
}

const { values } = parseArgs({
  options: { runs: { type: "string" }, seed: { type: "string" }, adapter: { type: "string", default: "sqlite" } },
});
const [runs, seed] = [Number(values.runs ?? 25), Number(values.seed ?? Date.now() % 1_000_000)];
if (Number.isInteger(runs) && runs > 0 && Number.isInteger(seed) && ["sqlite", "mysql"].includes(values.adapter)) {
  await main(runs, seed, values.adapter);
} else {
  console.error(usage);
  process.exitCode = 2;
}
