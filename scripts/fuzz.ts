import { parseArgs } from "node:util";
import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads";
import { type FuzzReport, fuzz, targets } from "#test/fuzz/run.ts";

/**
 * `npm run fuzz -- --inputs N [--target lineprotocol|log|chunk] [--seed S]`: N inputs made from seeds, over all targets
 * or for one. Ends with `N passed, N failed`, counted in inputs; above it each failure with the seed of its case.
 */
const usage = `usage: npm run fuzz -- --inputs N [--target ${Object.keys(targets).join("|")}] [--seed S]`;
/** A case that takes longer hangs: the thread is ended and the case named. */
const hangMs = 20_000;

interface Job {
  name: string;
  inputs: number;
  seed: number;
  /** Where the thread writes the seed of the case it is at, as its distance from the first. */
  at: Uint32Array;
}

async function main(inputs: number, names: readonly string[], seed: number): Promise<void> {
  console.log(`seed ${seed}, ${inputs} inputs over ${names.join(", ")}`);
  let [done, failed] = [0, 0];
  for (const name of names) {
    const startedAt = performance.now();
    const report = await inThread({
      name,
      inputs: Math.ceil(inputs / names.length),
      seed,
      at: new Uint32Array(new SharedArrayBuffer(4)),
    });
    for (const failure of report.failures) console.log(failure);
    done += report.inputs;
    failed += report.failures.length;
    const perSecond = Math.round((report.inputs / (performance.now() - startedAt)) * 1000);
    console.log(`${name}: ${report.inputs} inputs, ${perSecond} a second, ${report.failures.length} failed`);
  }
  console.log(`${done - failed} passed, ${failed} failed`);
  process.exitCode = failed > 0 ? 1 : 0;
}

/** Runs one target in a thread of its own, so that one that hangs can be named and ended. */
function inThread(job: Job): Promise<FuzzReport> {
  return new Promise((resolve) => {
    const worker = new Worker(new URL(import.meta.url), { workerData: job });
    let [last, since] = [-1, Date.now()];
    const end = (report: FuzzReport) => {
      clearInterval(watch);
      void worker.terminate();
      resolve(report);
    };
    const broken = (words: string) => {
      const at = Atomics.load(job.at, 0);
      end({ inputs: at, failures: [`${job.name}, seed ${job.seed + at}: ${words}`] });
    };
    const watch = setInterval(() => {
      const at = Atomics.load(job.at, 0);
      if (at !== last) [last, since] = [at, Date.now()];
      else if (Date.now() - since > hangMs) broken(`no end after ${hangMs} ms`);
    }, 1000);
    worker.on("message", end);
    worker.on("error", (error) => broken(String(error)));
  });
}

function runJob({ name, inputs, seed, at }: Job): void {
  const target = targets[name]?.();
  if (target) parentPort?.postMessage(fuzz(target, inputs, seed, (caseSeed) => Atomics.store(at, 0, caseSeed - seed)));
}

function start(): void {
  const { values } = parseArgs({
    options: { inputs: { type: "string" }, target: { type: "string" }, seed: { type: "string" } },
  });
  const [inputs, seed] = [Number(values.inputs ?? 100_000), Number(values.seed ?? Date.now() % 1_000_000_000)];
  const names = values.target === undefined ? Object.keys(targets) : [values.target];
  if (Number.isInteger(inputs) && inputs > 0 && Number.isInteger(seed) && names.every((name) => name in targets)) {
    void main(inputs, names, seed);
    return;
  }
  console.error(usage);
  process.exitCode = 2;
}

if (isMainThread) start();
else runJob(workerData as Job);
