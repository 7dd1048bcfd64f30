import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { join } from "node:path";
import nodeOptions from "../../scripts/node-options.json" with { type: "json" };
import { cleanEnvironment } from "../fixtures/command.ts";
import { freePort } from "../fixtures/ports.ts";
import { until } from "../fixtures/until.ts";

const root = join(import.meta.dirname, "../..");
/** Long, because a machine may be busy; how long it took is in the report. */
const readyWithinMs = 180_000;

export interface Answer {
  status: number;
  // biome-ignore lint/suspicious/noExplicitAny: checks read what they expect, and report where it is not
  body: any;
}

/** A real node in a folder of its own, started as `bin/detectviz.mjs start` does, to be killed at any moment. */
export interface Victim {
  readonly url: string;
  readonly dataFolder: string;
  readonly socketPath: string;
  /** Starts it; does not wait. */
  spawn(): void;
  /** Waits until it is up; gives the ms since `spawn`. Rejects with its last words when it ends instead. */
  ready(): Promise<number>;
  isRunning(): boolean;
  signal(signal: NodeJS.Signals): void;
  /** Sends the signal and waits for the end. */
  kill(signal?: NodeJS.Signals): Promise<void>;
  /** A request through the owner's socket. Rejects when the node dies before it has answered. */
  api(method: string, path: string, body?: unknown): Promise<Answer>;
  /** What it said over all its starts, as far as it is kept. */
  log(): string;
}

const keptLog = 200_000;

export async function createVictim(folder: string, config: string): Promise<Victim> {
  const dataFolder = join(folder, "data");
  const configFile = join(folder, "detectviz.conf");
  mkdirSync(dataFolder, { recursive: true });
  writeFileSync(configFile, config);
  const host = `127.0.0.1:${await freePort()}`;
  const environment = {
    ...cleanEnvironment({ TELEGRAF_BIN: "", PATH: "/nonexistent" }),
    ...nodeOptions.environment,
    NODE_COMPILE_CACHE: join(root, ".cache/compile"),
  };
  const main = join(root, "apps/viot-web/main.ts");
  const flags = ["--config", configFile, "--data", dataFolder, "--listen", host];
  const socketPath = join(dataFolder, "node.sock");
  let child: ChildProcess | undefined;
  let ended: Promise<unknown> = Promise.resolve();
  let [output, startedFrom, startedAt] = ["", 0, 0];
  /** Said since the newest start. */
  const said = () => output.slice(startedFrom);
  const isRunning = () => child !== undefined && child.exitCode === null && child.signalCode === null;
  return {
    url: `http://${host}`,
    dataFolder,
    socketPath,
    isRunning,
    spawn() {
      output = output.slice(-keptLog);
      [startedFrom, startedAt] = [output.length, performance.now()];
      const started = spawn(process.execPath, [...nodeOptions.flags, main, "start", ...flags], {
        env: environment,
        stdio: ["ignore", "pipe", "pipe"],
      });
      for (const stream of [started.stdout, started.stderr]) stream.on("data", (text) => (output += text));
      // It does not outlive us, whatever ends us.
      const endWithUs = () => started.kill("SIGKILL");
      process.once("exit", endWithUs);
      started.once("exit", () => process.off("exit", endWithUs));
      ended = new Promise((resolve) => started.once("exit", resolve));
      child = started;
    },
    async ready() {
      await until(() => !isRunning() || said().includes("Detectviz is up"), readyWithinMs).catch(() => undefined);
      if (!said().includes("Detectviz is up")) throw new Error(`the node did not start: ${said().slice(-3000)}`);
      return performance.now() - startedAt;
    },
    signal: (signal) => void child?.kill(signal),
    async kill(signal = "SIGKILL") {
      if (!isRunning()) return;
      child?.kill(signal);
      await ended;
    },
    api: (method, path, body) => ask(socketPath, method, path, body),
    log: () => output,
  };
}

function ask(socketPath: string, method: string, path: string, body?: unknown): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const text = body === undefined ? undefined : JSON.stringify(body);
    const headers = text === undefined ? {} : { "content-type": "application/json" };
    const sent = request({ socketPath, method, path, headers }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("error", reject);
      response.on("close", () => reject(new Error("the answer was cut")));
      response.on("end", () => {
        if (!response.complete) return;
        const answer = Buffer.concat(chunks).toString();
        resolve({ status: response.statusCode ?? 0, body: answer === "" ? undefined : JSON.parse(answer) });
      });
    });
    sent.on("error", reject);
    sent.end(text);
  });
}
