import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { Agent, request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { nodeEnvironment, nodeFlags, root } from "./node.ts";

const port = 18502;
const connections = 2;
const valuesPerBody = 100_000;
const lookEveryMs = 25;

/** How long a person waits for an answer while samples come in. Times in ms. */
export interface Responsiveness {
  valuesPerS: number;
  p50: number;
  p99: number;
  max: number;
}

/**
 * Sends the bodies of `folder` (100,000 values each) at a steady rate over two connections and asks for the node's
 * health 40 times a second meanwhile.
 */
export async function measureResponsiveness(
  folder: string,
  load: { valuesPerS: number; seconds: number },
): Promise<Responsiveness> {
  const bodies = readdirSync(folder).filter((name) => name.endsWith(".lp"));
  const texts = bodies.map((name) => readFileSync(join(folder, name)));
  const place = mkdtempSync(join(tmpdir(), "detectviz-responsive-"));
  const node = spawn(process.execPath, [...nodeFlags, join(root, "bench/serve.ts"), place, String(port)], {
    stdio: "ignore",
    env: { ...process.env, ...nodeEnvironment },
  });
  try {
    await answering(node);
    await send(texts, load.valuesPerS, 2); // what runs for the first time is slow
    const startedMs = performance.now();
    const stop = new AbortController();
    const looking = look(stop.signal);
    const values = await send(texts, load.valuesPerS, load.seconds);
    stop.abort();
    const valuesPerS = values / ((performance.now() - startedMs) / 1000);
    const waitedMs = (await looking).sort((a, b) => a - b);
    const at = (part: number) => waitedMs[Math.floor(waitedMs.length * part)] ?? Number.NaN;
    return { valuesPerS, p50: at(0.5), p99: at(0.99), max: waitedMs.at(-1) ?? Number.NaN };
  } finally {
    if (node.kill("SIGTERM")) await once(node, "exit");
    rmSync(place, { recursive: true, force: true });
  }
}

/** Sends for so long at this rate; gives the values that were acknowledged. */
async function send(texts: readonly Buffer[], valuesPerS: number, seconds: number): Promise<number> {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  const everyMs = (1000 * valuesPerBody) / valuesPerS;
  const [startedMs, count] = [performance.now(), Math.round((seconds * 1000) / everyMs)];
  const underWay: Promise<void>[] = [];
  for (let i = 0; i < count; i++) {
    await pause(startedMs + i * everyMs - performance.now());
    underWay.push(call(agent, "POST", "/write", texts[i % texts.length]));
  }
  await Promise.all(underWay);
  agent.destroy();
  return count * valuesPerBody;
}

async function look(signal: AbortSignal): Promise<number[]> {
  const agent = new Agent({ keepAlive: true });
  const waitedMs: number[] = [];
  while (!signal.aborted) {
    const askedMs = performance.now();
    await call(agent, "GET", "/api/health");
    waitedMs.push(performance.now() - askedMs);
    await pause(lookEveryMs - (performance.now() - askedMs));
  }
  agent.destroy();
  return waitedMs;
}

/** Rejects when the answer is no success; health may say 503 while Telegraf is missing. */
function call(agent: Agent, method: string, path: string, body?: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    const calling = request({ host: "127.0.0.1", port, method, path, agent }, (answer) => {
      const isFine = (answer.statusCode ?? 0) < 300 || method === "GET";
      answer.resume().on("end", () => (isFine ? resolve() : reject(new Error(`${path}: ${answer.statusCode}`))));
    });
    calling.on("error", reject).end(body);
  });
}

async function answering(node: ChildProcess): Promise<void> {
  const agent = new Agent();
  for (let tries = 0; tries < 1000 && node.exitCode === null; tries++) {
    const isUp = await call(agent, "GET", "/api/health").then(
      () => true,
      () => false,
    );
    if (isUp) return;
    await pause(20);
  }
  throw new Error("the node does not answer");
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, Math.max(0, ms)));
}
