/**
 * SNMP sweep: 65,536 loopback addresses, 500 devices spread among them, all found and identified; onesixtyone, which
 * only finds, beside it. Needs the responder's source in a folder of bench loads and a C compiler.
 *
 *   node bench/scan.ts [LOADS] [COUNT] [RUNS]        LOADS: ../shared/bench by default
 */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { readProfiles } from "#internal/autodeploy/profiles/read.ts";
import { createSnmpScanner } from "#plugins/scanners/snmp/scan.ts";

const loads = resolve(process.argv[2] ?? join(import.meta.dirname, "../../shared/bench"));
const count = Number(process.argv[3] ?? 65_536);
const runs = Number(process.argv[4] ?? 3);
const devices = 500;
/** What the issue aims at, for 65,536 addresses. */
const aimS = 5.4;
const base = "127.20.0.0";

const folder = mkdtempSync(join(tmpdir(), "bench-scan-"));
const addresses = Array.from({ length: count }, (_, i) => toAddress(i));
const port = await freePort();
const responder = await openResponder();
try {
  const ours: number[] = [];
  for (let run = 0; run < runs; run++) ours.push(await runOurs());
  const theirs = peer();
  const median = ours.sort((a, b) => a - b)[Math.floor(runs / 2)] ?? Number.NaN;
  console.log(
    `detectviz, found and identified: ${median.toFixed(2)} s, ${Math.round(count / median)} addresses/s (median of ${runs})`,
  );
  console.log(`aim for 65,536: ${aimS} s, ratio ${(median / aimS).toFixed(2)} (below 1 is better)`);
  if (theirs === null) console.log("onesixtyone: not installed (apt-get install onesixtyone), no ratio");
  else
    console.log(
      `onesixtyone, found only: ${theirs.toFixed(2)} s, ratio ${(median / theirs).toFixed(2)} (below 1 is better)`,
    );
} finally {
  responder.kill("SIGTERM");
  rmSync(folder, { recursive: true });
}

async function runOurs(): Promise<number> {
  const profiles = await readProfiles([resolve(import.meta.dirname, "../plugins/devices")]);
  const scanner = createSnmpScanner({ parallelDevices: 64, now: Date.now });
  const credentials = [{ type: "snmp" as const, version: "2c" as const, community: "public" }];
  const task = { addresses, total: count, ports: [port], credentials, busy: new Set<string>(), profiles };
  const pace = { perSecond: 0, perNetworkPerSecond: 0, perDeviceMs: 0, afterConnectMs: 0, timeoutMs: 1000, retries: 1 };
  const context = { pace, signal: new AbortController().signal, progress() {}, journal() {} };
  const startedMs = performance.now();
  const startedCpu = process.cpuUsage();
  let found = 0;
  let identified = 0;
  for await (const device of scanner.scan(task, context)) {
    found++;
    if (device.readings.length > 0) identified++;
  }
  const seconds = (performance.now() - startedMs) / 1000;
  const cpu = process.cpuUsage(startedCpu);
  const cpuS = (cpu.user + cpu.system) / 1e6;
  console.log(
    `  ${seconds.toFixed(2)} s, ${cpuS.toFixed(2)} s of CPU, found ${found} of ${devices}, identified ${identified}`,
  );
  if (found !== devices || identified !== devices) process.exitCode = 1;
  return seconds;
}

function peer(): number | null {
  const hosts = join(folder, "hosts");
  const communities = join(folder, "communities");
  writeFileSync(hosts, addresses.map((address) => `${address}\n`).join(""));
  writeFileSync(communities, "public\n");
  const startedMs = performance.now();
  try {
    execFileSync("onesixtyone", ["-c", communities, "-i", hosts, "-w", "0", "-p", String(port)], { maxBuffer: 1e8 });
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return null;
    throw error;
  }
  return (performance.now() - startedMs) / 1000;
}

async function openResponder(): Promise<ChildProcess> {
  const source = join(loads, "snmp_responder.c");
  if (!existsSync(source))
    throw new Error(`${source} is not there: name the folder of bench loads as the first argument`);
  const program = join(folder, "responder");
  execFileSync("cc", ["-O2", "-w", "-o", program, source]);
  const child = spawn(program, [base, String(count), String(devices), String(port)], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  await once(child.stderr, "data");
  return child;
}

async function freePort(): Promise<number> {
  const socket = createSocket("udp4");
  socket.bind(0, "127.0.0.1");
  await once(socket, "listening");
  const { port: free } = socket.address();
  socket.close();
  return free;
}

function toAddress(index: number): string {
  return `127.${20 + (index >> 16)}.${(index >> 8) & 255}.${index & 255}`;
}
