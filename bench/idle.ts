import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { nodeEnvironment, nodeFlags, root } from "./node.ts";

const settleMs = 20_000;
const readyWithinMs = 30_000;

/** One start of a node after `init`, without demo and Telegraf. */
export interface IdleFigures {
  /** From the start of the process to the first answer. */
  readyMs: number;
  /** Resident memory of the node process 20 s later, in MiB. */
  memoryMb: number;
}

/** Start to ready, and idle memory, so many times; one start before that leaves Node's caches as any later one finds them. */
export async function measureIdle(runs: number): Promise<IdleFigures[]> {
  await inNewSite(measureReady);
  const figures: IdleFigures[] = [];
  for (let run = 0; run < runs; run++) figures.push(await inNewSite(measureBoth));
  return figures;
}

async function inNewSite<R>(measure: (folder: string) => Promise<R>): Promise<R> {
  const folder = mkdtempSync(join(tmpdir(), "detectviz-idle-"));
  try {
    spawnSync(process.execPath, [join(root, "bin/detectviz.mjs"), "init", join(folder, "site")]);
    return await measure(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function measureReady(folder: string): Promise<number> {
  const { child, readyMs } = await startNode(folder);
  await stop(child);
  return readyMs;
}

async function measureBoth(folder: string): Promise<IdleFigures> {
  const { child, readyMs } = await startNode(folder);
  await new Promise((resolve) => setTimeout(resolve, settleMs));
  const status = readFileSync(`/proc/${child.pid}/status`, "utf8");
  await stop(child);
  return { readyMs, memoryMb: Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1024 };
}

async function startNode(folder: string): Promise<{ child: ChildProcess; readyMs: number }> {
  const port = await freePort();
  const places = ["--config", join(folder, "site/detectviz.conf"), "--data", join(folder, "data")];
  const startedMs = performance.now();
  const child = spawn(
    process.execPath,
    [...nodeFlags, join(root, "apps/viot-web/main.ts"), "start", ...places, "--listen", `127.0.0.1:${port}`],
    {
      stdio: "ignore",
      env: { ...process.env, ...nodeEnvironment, TELEGRAF_BIN: "/nonexistent", PATH: "/nonexistent" },
    },
  );
  while (!(await answers(port))) {
    if (child.exitCode !== null) throw new Error(`the node ended with ${child.exitCode}`);
    if (performance.now() - startedMs > readyWithinMs) throw new Error("the node does not answer");
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  return { child, readyMs: performance.now() - startedMs };
}

/** Whether the node answers; 503 of a part that is missing (Telegraf) is an answer too. */
function answers(port: number): Promise<boolean> {
  return fetch(`http://127.0.0.1:${port}/api/health`).then(
    () => true,
    () => false,
  );
}

async function stop(child: ChildProcess): Promise<void> {
  child.kill("SIGTERM");
  await once(child, "exit");
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  if (address === null || typeof address === "string") throw new Error("no free port");
  return address.port;
}
