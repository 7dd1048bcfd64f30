import { AppError } from "#pkg/errors/errors.ts";
import { callNode } from "./node-client.ts";
import { type CommonOptions, toPaths } from "./options.ts";
import { print, runCommand } from "./output.ts";
import { scanOnce } from "./scan-once.ts";

export interface ScanOptions extends CommonOptions {
  once: boolean;
  hosts?: string;
  ranges?: string;
  protocol: string;
  port?: string;
  community: string;
  unpaced: boolean;
}

/** `detectviz scan`: with `--once` by itself, else through the running node, which stores what it finds. */
export async function scan(options: ScanOptions): Promise<void> {
  await runCommand(options.json, async () => {
    if (options.protocol !== "snmp" && options.protocol !== "modbus") {
      throw new AppError("bad_request", {
        message: `there is no protocol "${options.protocol}"`,
        mend: "snmp or modbus",
      });
    }
    if (options.once) await scanOnce({ ...options, protocol: options.protocol });
    else await scanThroughNode(options);
  });
}

interface Run {
  id: string;
  state: string;
  progress: { total: number; sent: number; answered: number };
  found: string[];
}

async function scanThroughNode(options: ScanOptions): Promise<void> {
  const { dataFolder } = toPaths(options);
  if (options.ranges === undefined) {
    throw new AppError("bad_request", {
      message: "which addresses?",
      mend: "--ranges 10.1.0.0/24,10.2.0.1-10.2.0.9, or --once --hosts FILE",
    });
  }
  const body = {
    ranges: options.ranges.split(","),
    protocols: [options.protocol],
    ...(options.port === undefined ? {} : { ports: { [options.protocol]: [Number(options.port)] } }),
  };
  const started = await callNode(dataFolder, "POST", "/api/v1/scans", body);
  if (!started) {
    throw new AppError("unavailable", {
      at: dataFolder,
      message: "no node runs over this data folder",
      mend: "start it, or scan without one: --once --hosts FILE",
    });
  }
  const run = await follow(dataFolder, started.body as Run, options.json);
  for (const id of run.found) {
    const device = (await callNode(dataFolder, "GET", `/api/v1/devices/${id}`))?.body as Record<string, unknown>;
    print(
      options.json,
      device,
      `${device["key"]}  ${device["vendor"] ?? "?"} ${device["model"] ?? "?"}  ${device["state"]}`,
    );
  }
}

/** Waits for the end of a run; progress goes to the terminal. */
async function follow(dataFolder: string, started: Run, json: boolean): Promise<Run> {
  let run = started;
  while (run.state === "running") {
    await new Promise((resolve) => setTimeout(resolve, 500));
    run = (await callNode(dataFolder, "GET", `/api/v1/scans/${run.id}`))?.body as Run;
    if (!json && process.stderr.isTTY) {
      process.stderr.write(`\r${run.progress.sent} of ${run.progress.total} asked, ${run.progress.answered} answered `);
    }
  }
  if (!json && process.stderr.isTTY) process.stderr.write("\n");
  return run;
}
