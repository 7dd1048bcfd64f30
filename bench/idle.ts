import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const root = join(import.meta.dirname, "..");
const settleMs = 20_000;

/** Start to ready, and memory of the node process alone, after `init`, without demo and Telegraf. */
export async function measureIdle(runs: number): Promise<void> {
  const readyMs: number[] = [];
  const memoryMb: number[] = [];
  for (let run = 0; run < runs; run++) {
    const folder = mkdtempSync(join(tmpdir(), "detectviz-idle-"));
    spawnSync(process.execPath, [join(root, "bin/detectviz.mjs"), "init", join(folder, "site")]);
    const one = await measureOnce(folder);
    readyMs.push(one.readyMs);
    memoryMb.push(one.memoryMb);
    rmSync(folder, { recursive: true, force: true });
  }
  const text = (values: number[]) =>
    [...values]
      .sort((a, b) => a - b)
      .map((value) => Math.round(value))
      .join(", ");
  console.log(`start to ready (ms, sorted runs; aim 1500): ${text(readyMs)}`);
  console.log(`idle memory of the node process (MB RSS after ${settleMs / 1000} s; aim 120): ${text(memoryMb)}`);
}

async function measureOnce(folder: string): Promise<{ readyMs: number; memoryMb: number }> {
  const port = 18600 + Math.floor(Math.random() * 1000);
  const started = performance.now();
  const child = spawn(
    process.execPath,
    [
      "--disable-warning=ExperimentalWarning",
      join(root, "apps/viot-web/main.ts"),
      "start",
      "--config",
      join(folder, "site/detectviz.conf"),
      "--data",
      join(folder, "data"),
      "--listen",
      `127.0.0.1:${port}`,
    ],
    { stdio: "ignore", env: { ...process.env, TELEGRAF_BIN: "/nonexistent", PATH: "/nonexistent" } },
  );
  while ((await fetch(`http://127.0.0.1:${port}/api/health`).catch(() => undefined)) === undefined) {
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  const readyMs = performance.now() - started;
  await new Promise((resolve) => setTimeout(resolve, settleMs));
  const status = readFileSync(`/proc/${child.pid}/status`, "utf8");
  child.kill("SIGTERM");
  await once(child, "exit");
  return { readyMs, memoryMb: Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1024 };
}
