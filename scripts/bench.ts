import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type BenchCase, toCases } from "../bench/cases.ts";
import { measureIdle } from "../bench/idle.ts";
import { nodeEnvironment } from "../bench/node.ts";
import { writeQueryPaths } from "../bench/query.ts";
import { measureResponsiveness } from "../bench/responsive.ts";
import { measureAllScales } from "../bench/scale.ts";
import { printFigure, printHead } from "../bench/table.ts";
import { environment, root } from "./process.ts";

/** `npm run bench -- NAME [--runs N]`: ours and the peers in turn, medians, and the ratio between them. */
const [name = "", ...flags] = process.argv.slice(2);
const runs = Number(flags[flags.indexOf("--runs") + 1] || 3);
const shared = process.env["BENCH_SHARED"] ?? join(root, "../shared/bench");
const data = process.env["BENCH_DATA"] ?? join(tmpdir(), "bench-data");
const dataSet = join(data, "site-10k-wide-500");
const querySet = join(data, "site-10k-wide-2160");
const cases = toCases({ shared, data, root });
/** About half of what one node takes. */
const halfLoad = { valuesPerS: 2_000_000, seconds: 8 };

if (name === "idle") await idle();
else if (name === "scale") await measureAllScales(runs);
else if (name !== "responsive" && cases[name] === undefined)
  refuse(2, `npm run bench -- ${[...Object.keys(cases), "responsive", "idle", "scale"].join(" | ")}`);
else if (!existsSync(shared)) refuse(1, `the loads are not there: ${shared} (set BENCH_SHARED)`);
else {
  mkdirSync(data, { recursive: true });
  if (name === "ingest" || name === "responsive") bringDataSet(dataSet, 500);
  if (name === "query") {
    bringDataSet(querySet, 2160);
    writeQueryPaths(querySet);
  }
  if (name === "responsive") await responsive();
  else measure(cases[name] ?? []);
}

function refuse(code: number, message: string): void {
  console.error(message);
  process.exitCode = code;
}

async function idle(): Promise<void> {
  const figures = await measureIdle(runs);
  const pick = (key: "readyMs" | "memoryMb") => figures.map((one) => one[key]);
  printHead();
  printFigure({ title: "start to ready", unit: "ms", better: "lower", aim: 1500 }, pick("readyMs"));
  printFigure({ title: "idle memory", unit: "MB", better: "lower", aim: 120 }, pick("memoryMb"));
}

async function responsive(): Promise<void> {
  const waited: number[] = [];
  for (let run = 0; run < runs; run++) waited.push((await measureResponsiveness(dataSet, halfLoad)).p99);
  printHead();
  const title = `GET /api/health, p99, while ${halfLoad.valuesPerS.toLocaleString("en")} values/s come in`;
  printFigure({ title, unit: "ms", better: "lower", aim: 50 }, waited);
}

function bringDataSet(folder: string, scrapes: number): void {
  if (existsSync(join(folder, "meta.json"))) return;
  const make = ["--shape", "wide", "--scrapes", String(scrapes), "--gzip", "no", "--out", folder];
  spawnSync(process.execPath, [join(shared, "gen_site10k.js"), ...make], { stdio: ["ignore", "ignore", "inherit"] });
}

/** Cases with the same command share its runs: one load gives several figures. */
function measure(list: readonly BenchCase[]): void {
  const lines = new Map<string, unknown[]>();
  const commands = list.flatMap((one) => [one.ours, ...Object.values(one.peers)]);
  const distinct = new Map(commands.map((command) => [command.join(" "), command]));
  for (let turn = 0; turn < runs; turn++) {
    for (const [key, command] of distinct) {
      const line = runOnce(command);
      if (line !== undefined) lines.set(key, [...(lines.get(key) ?? []), line]);
    }
  }
  const valuesOf = (one: BenchCase, command: readonly string[]) =>
    (lines.get(command.join(" ")) ?? []).map((line) => pick(line, one.figure));
  printHead();
  for (const one of list) {
    const peers = Object.entries(one.peers).map(([peer, command]) => [peer, valuesOf(one, command)] as const);
    printFigure(one, valuesOf(one, one.ours), Object.fromEntries(peers));
  }
}

/** One load; undefined, with the reason said, when it gives no figure. */
function runOnce([program = "", ...args]: readonly string[]): unknown {
  const env = { ...environment, ...nodeEnvironment, BENCH_DATA: data };
  const { status, stdout, stderr, error } = spawnSync(program, args, { env, encoding: "utf8", maxBuffer: 1 << 26 });
  const text = stdout?.trim().split("\n").at(-1) ?? "";
  if (status === 0 && text.startsWith("{")) return JSON.parse(text);
  console.error(`no figure from ${args.slice(0, 3).join(" ")}: ${(stderr ?? error?.message ?? "").slice(-400)}`);
  return undefined;
}

function pick(line: unknown, path: string): number {
  let at = line;
  // The loads print JSON objects; what is not there is no number.
  for (const key of path.split(".")) at = (at as Record<string, unknown> | undefined)?.[key];
  return Number(at);
}
