import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { Agent, request } from "node:http";
import { createServer } from "node:net";
import { join } from "node:path";
import { nodeEnvironment, nodeFlags, root } from "./node.ts";

const readyWithinMs = 60_000;

/** A node of `serve.ts` in a process of its own. */
export interface Served {
  port: number;
  /** From the start of the process to the first answer. */
  readyMs: number;
  /** User and system time so far. */
  cpuMs(): number;
  /** Highest resident memory so far, in MiB. */
  peakMb(): number;
  kill(signal: NodeJS.Signals): Promise<void>;
}

/** Starts a node in `folder` and waits until it answers. */
export async function serveNode(folder: string): Promise<Served> {
  const port = await freePort();
  const startedMs = performance.now();
  const child = spawn(process.execPath, [...nodeFlags, join(root, "bench/serve.ts"), folder, String(port)], {
    stdio: "ignore",
    env: { ...process.env, ...nodeEnvironment },
  });
  await answering(child, port);
  return {
    port,
    readyMs: performance.now() - startedMs,
    cpuMs: () => cpuMsOf(child.pid),
    peakMb: () => Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, "utf8"))?.[1]) / 1024,
    async kill(signal) {
      child.kill(signal);
      await once(child, "exit");
    },
  };
}

/** Sends the bodies over so many connections, each its next when the last is acknowledged. */
export async function writeBodies(port: number, bodies: Iterable<Buffer>, connections = 2): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  const next = bodies[Symbol.iterator]();
  const connection = async () => {
    for (let body = next.next(); !body.done; body = next.next()) {
      const status = await call({ port, agent, path: "/write", body: body.value });
      if (status !== 204) throw new Error(`/write answered ${status}`);
    }
  };
  await Promise.all(Array.from({ length: connections }, connection));
  agent.destroy();
}

interface Call {
  port: number;
  path: string;
  agent: Agent;
  body?: Buffer;
}

/** The status of the answer, once it is read to its end. */
function call({ port, path, agent, body }: Call): Promise<number> {
  return new Promise((resolve, reject) => {
    const method = body ? "POST" : "GET";
    const calling = request({ host: "127.0.0.1", port, method, path, agent }, (answer) => {
      answer.resume().on("end", () => resolve(answer.statusCode ?? 0));
    });
    calling.on("error", reject).end(body);
  });
}

/** Any answer counts: health says 503 while Telegraf is missing. */
async function answering(child: ChildProcess, port: number): Promise<void> {
  const [agent, startedMs] = [new Agent(), performance.now()];
  const isUp = () =>
    call({ port, path: "/api/health", agent }).then(
      () => true,
      () => false,
    );
  while (!(await isUp())) {
    if (child.exitCode !== null) throw new Error(`the node ended with ${child.exitCode}`);
    if (performance.now() - startedMs > readyWithinMs) throw new Error("the node does not answer");
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

function cpuMsOf(pid: number | undefined): number {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  const [user, system] = stat
    .slice(stat.lastIndexOf(")") + 2)
    .split(" ")
    .slice(11, 13);
  return (Number(user) + Number(system)) * 10;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  if (address === null || typeof address === "string") throw new Error("no free port");
  return address.port;
}
