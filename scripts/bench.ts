import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type BenchCase, toCases } from "../bench/cases.ts";
import { measureIdle } from "../bench/idle.ts";
import { environment, root } from "./process.ts";

/** `npm run bench -- NAME [--runs N]`: ours and the peers in turn, medians, and the ratio between them. */
const [name = "", ...flags] = process.argv.slice(2);
const runs = Number(flags[flags.indexOf("--runs") + 1] || 3);
const shared = process.env["BENCH_SHARED"] ?? join(root, "../shared/bench");
const data = process.env["BENCH_DATA"] ?? join(tmpdir(), "bench-data");
const cases = toCases({ shared, data, root });

if (name === "idle") await measureIdle(runs);
else if (cases[name] === undefined) {
  console.error(`npm run bench -- ${[...Object.keys(cases), "idle"].join(" | ")}`);
  process.exitCode = 2;
} else if (!existsSync(shared)) {
  console.error(`the loads are not there: ${shared} (set BENCH_SHARED)`);
  process.exitCode = 1;
} else {
  if (name === "ingest") bringDataSet();
  printHead();
  measure(cases[name]);
}

function bringDataSet(): void {
  const folder = join(data, "site-10k-wide-500");
  if (existsSync(join(folder, "meta.json"))) return;
  mkdirSync(folder, { recursive: true });
  spawnSync(process.execPath, [
    join(shared, "gen_site10k.js"),
    "--shape",
    "wide",
    "--scrapes",
    "500",
    "--gzip",
    "no",
    "--out",
    folder,
  ]);
}

/** Cases with the same command share its runs: one load gives several figures. */
function measure(list: readonly BenchCase[]): void {
  const lines = new Map<string, Record<string, unknown>[]>();
  const commands = new Map(
    list.flatMap((one) => [one.ours, ...Object.values(one.peers)]).map((command) => [command.join(" "), command]),
  );
  for (let turn = 0; turn < runs; turn++) {
    for (const [key, command] of commands) {
      const line = runOnce(command);
      if (line) lines.set(key, [...(lines.get(key) ?? []), line]);
    }
  }
  for (const one of list)
    printCase(one, (command) => (lines.get(command.join(" ")) ?? []).map((line) => pick(line, one.figure)));
}

function runOnce(command: readonly string[]): Record<string, unknown> | undefined {
  const [program = "", ...args] = command;
  const done = spawnSync(program, args, {
    env: { ...environment, BENCH_DATA: data },
    encoding: "utf8",
    maxBuffer: 1 << 26,
  });
  const text = done.stdout?.trim().split("\n").at(-1) ?? "";
  if (done.status === 0 && text.startsWith("{")) return JSON.parse(text);
  console.error(
    `no figure from ${args[0]} ${args.slice(1, 3).join(" ")}: ${(done.stderr ?? done.error?.message ?? "").slice(-400)}`,
  );
  return undefined;
}

function pick(line: Record<string, unknown>, path: string): number {
  return Number(path.split(".").reduce<unknown>((at, key) => (at as Record<string, unknown> | undefined)?.[key], line));
}

function printHead(): void {
  console.log("| what | who | median | min … max | runs | ours against it | aim |\n|---|---|---|---|---|---|---|");
}

function printCase(one: BenchCase, valuesOf: (command: readonly string[]) => number[]): void {
  const ours = valuesOf(one.ours);
  const row = (who: string, values: number[], ratio: string) =>
    console.log(
      `| ${one.title} | ${who} | ${format(median(values))} ${one.unit} | ${format(Math.min(...values))} … ${format(Math.max(...values))} | ${values.length} | ${ratio} | ${one.aim} |`,
    );
  row("Detectviz", ours, "");
  for (const [peer, command] of Object.entries(one.peers)) {
    const values = valuesOf(command);
    if (values.length === 0) continue;
    const ratio = one.better === "higher" ? median(ours) / median(values) : median(values) / median(ours);
    row(peer, values, `${ratio.toFixed(2)} × as good`);
  }
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

function format(value: number): string {
  return value >= 1000 ? Math.round(value).toLocaleString("en") : String(Math.round(value * 100) / 100);
}
