import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import type { Logger } from "#pkg/logger/port.ts";

export interface DemoOptions {
  /** HOST:PORT of the inbox page and of the mail server. */
  http: string;
  smtp: string;
  log: Logger;
}

/** The demo site as a process of its own. It ends when our end of its stdin closes, however we end. */
export interface DemoSite {
  isUp(): boolean;
  close(): Promise<void>;
}

/** Starts the demo site; a demo that ends says so in the log and stays down. */
export function openDemoSite({ http, smtp, log }: DemoOptions): DemoSite {
  const entry = join(import.meta.dirname, "../../demo-site/main.ts");
  const flags = ["--disable-warning=ExperimentalWarning", entry, "--http", http, "--smtp", smtp];
  const child = spawn(process.execPath, flags, { stdio: ["pipe", "ignore", "pipe"] });
  child.stderr.on("data", (chunk: Buffer) => log.warn({ part: "demo" }, chunk.toString("utf8").trim()));
  child.on("error", (error) => log.error({ part: "demo", error: error.message }, "the demo site could not be started"));
  child.on("exit", (code) => log.info({ part: "demo", code }, "the demo site ended"));
  return {
    isUp: () => isRunning(child),
    close: () => close(child),
  };
}

function isRunning(child: ChildProcess): boolean {
  return child.pid !== undefined && child.exitCode === null && child.signalCode === null;
}

async function close(child: ChildProcess): Promise<void> {
  if (!isRunning(child)) return;
  const ended = new Promise((resolve) => child.once("exit", resolve));
  child.stdin?.end();
  const force = setTimeout(() => child.kill("SIGKILL"), 3000);
  await ended;
  clearTimeout(force);
}
