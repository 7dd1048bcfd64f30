import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterEach, beforeEach, expect, it } from "vitest";
import { type BusTables, toLoggedEvent } from "#pkg/eventbus/tables.ts";
import { openSqlite } from "#pkg/sql/adapters/sqlite.ts";
import { createReference } from "./judging-reference.ts";

const seriesCount = 20;
const steps = 160;
const child = join(import.meta.dirname, "judging.child.ts");

let folder: string;
let node: ChildProcess | undefined;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "detectviz-kill-"));
});
afterEach(() => {
  node?.kill("SIGKILL");
  rmSync(folder, { recursive: true, force: true });
});

/** A walk between well and critical, by a seed, so that a failure can be looked at again. */
function createWalk(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

interface Batch {
  n: number;
  atMs: number;
  values: number[];
}

/** A process that is to be killed gets no more: however quick a machine is, it takes many lives to send all. */
const batchesOfLife = 20;

/** Sends from `from` on until all are acknowledged or the process dies; gives the first that is not acknowledged. */
async function send(batches: readonly Batch[], from: number, killAfterMs: number | undefined): Promise<number> {
  const running = spawn(process.execPath, [child, folder], { stdio: ["pipe", "pipe", "inherit"] });
  node = running;
  const ended = new Promise((resolve) => running.once("exit", resolve));
  running.stdin.on("error", () => {}); // the process may die while we write
  let next = from;
  let timer: NodeJS.Timeout | undefined;
  const write = () => {
    running.stdin.write(`${JSON.stringify(batches[next] ?? { stop: true })}\n`);
    if (next >= batches.length) running.stdin.end();
  };
  for await (const line of createInterface({ input: running.stdout })) {
    if (line === "ready") {
      if (killAfterMs !== undefined) timer = setTimeout(() => running.kill("SIGKILL"), killAfterMs);
    } else next = Number(line) + 1;
    if (killAfterMs === undefined || next < from + batchesOfLife) write();
  }
  clearTimeout(timer);
  await ended;
  return next;
}

async function readTold(): Promise<string[]> {
  const sql = openSqlite(join(folder, "detectviz.db"));
  const rows = await sql.db<BusTables>().selectFrom("bus_events").selectAll().orderBy("seq").execute();
  await sql.close();
  return rows
    .map((row) => toLoggedEvent(row).event)
    .flatMap(({ type, data }) => {
      if (!("labels" in data) || !type.startsWith("alert.")) return [];
      return [`${data.labels["name"]} ${type.slice(6)} ${data.level} ${data.value}`];
    })
    .sort((a, b) => (a.split(" ")[0] ?? "").localeCompare(b.split(" ")[0] ?? ""));
}

it("neither loses nor doubles an alert, wherever it is killed after an acknowledgement", {
  timeout: 120_000,
}, async () => {
  const random = createWalk(4711);
  const startMs = Date.now() - 200_000;
  const values = Array.from({ length: seriesCount }, () => 10);
  const batches = Array.from({ length: steps }, (_, n): Batch => {
    for (const index of values.keys()) {
      values[index] = Math.min(20, Math.max(5, Math.round(((values[index] ?? 10) + (random() - 0.5) * 8) * 10) / 10));
    }
    return { n, atMs: startMs + n * 1000, values: [...values] };
  });
  let next = 0;
  let kills = 0;
  while (next < steps) {
    const before = next;
    next = await send(batches, next, kills < 12 ? 5 + random() * 60 : undefined);
    if (next < steps || before === next) kills++;
  }
  const reference = createReference({
    warning: { threshold: 12, reset: 11, forMs: 3000, keepFiringForMs: 0 },
    critical: { threshold: 16, reset: 14, forMs: 0, keepFiringForMs: 2000 },
  });
  for (const { atMs, values } of batches) {
    for (const [index, value] of values.entries()) reference.sample(`P${index}`, atMs, value);
  }
  expect(kills).toBeGreaterThan(5);
  expect(reference.told().length).toBeGreaterThan(100);
  expect(await readTold()).toEqual(reference.told());
});
