import { readdir, readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { readProfiles } from "#internal/autodeploy/profiles/read.ts";
import type { FoundDevice } from "#pkg/contracts/reading.ts";
import { createSnmpScanner } from "#plugins/scanners/snmp/scan.ts";
import { openSnmpAgent, parseSnmprec, type SnmpAgent } from "#test/fixtures/snmp-responder.ts";
import { type ExpectedDevice, judgeWalk, readExpectations, type Verdict } from "./walks/judge.ts";

/** Serves every *.snmprec of a folder on an address of its own, scans them all, and compares with the two CSV files. */
async function main(folder: string): Promise<void> {
  const expected = await readExpectations(folder);
  const names = (await readdir(folder)).filter((name) => name.endsWith(".snmprec")).sort();
  const agents = new Map<string, SnmpAgent>();
  try {
    for (const [i, name] of names.entries()) {
      const walk = parseSnmprec(await readFile(join(folder, name), "latin1"));
      const address = `127.77.${Math.floor(i / 250)}.${(i % 250) + 1}`;
      agents.set(name.replace(/\.snmprec$/, ""), await openSnmpAgent(walk, { address, ...(await commonPort(agents)) }));
    }
    const found = await scan([...agents.values()]);
    report([...agents], found, expected);
  } finally {
    for (const agent of agents.values()) await agent.close();
  }
}

/** All agents listen on the port that the first was given. */
async function commonPort(agents: ReadonlyMap<string, SnmpAgent>): Promise<{ port?: number }> {
  const [first] = agents.values();
  return first ? { port: first.port } : {};
}

async function scan(agents: readonly SnmpAgent[]): Promise<Map<string, FoundDevice>> {
  const profiles = await readProfiles([resolve(import.meta.dirname, "../plugins/devices")]);
  const scanner = createSnmpScanner({ parallelDevices: 16, now: Date.now });
  const found = new Map<string, FoundDevice>();
  const task = {
    addresses: agents.map(({ address }) => address),
    total: agents.length,
    ports: [agents[0]?.port ?? 161],
    credentials: [{ type: "snmp" as const, version: "2c" as const, community: "public" }],
    busy: new Set<string>(),
    profiles,
  };
  const pace = { perSecond: 0, perNetworkPerSecond: 0, perDeviceMs: 0, afterConnectMs: 0, timeoutMs: 2000, retries: 1 };
  const context = { pace, signal: new AbortController().signal, progress() {}, journal() {} };
  for await (const device of scanner.scan(task, context)) found.set(device.endpoint.address, device);
  return found;
}

function report(
  agents: readonly (readonly [string, SnmpAgent])[],
  found: ReadonlyMap<string, FoundDevice>,
  expected: ReadonlyMap<string, ExpectedDevice>,
): void {
  const total: Verdict = { passed: 0, failures: [] };
  for (const [name, agent] of agents) {
    const device = found.get(agent.address);
    const verdict = judgeWalk(expected.get(name), device);
    total.passed += verdict.passed;
    total.failures.push(...verdict.failures);
    const count = `${verdict.passed} of ${verdict.passed + verdict.failures.length}`;
    console.log(
      `${name}: ${count}, ${device?.profile ?? "no profile"}, ${device?.kind ?? "not found"}, ${device?.model ?? "?"}`,
    );
    for (const failure of verdict.failures) console.log(`    ${failure}`);
    for (const problem of device?.problems ?? []) console.log(`    problem ${problem.code}: ${problem.detail}`);
  }
  console.log(`${total.passed} passed, ${total.failures.length} failed`);
  process.exitCode = total.failures.length > 0 ? 1 : 0;
}

const folder = process.argv[2];
if (!folder) {
  console.error("usage: npm run walks -- FOLDER   (a folder of *.snmprec with devices.csv and sensors.csv)");
  process.exitCode = 2;
} else {
  await main(folder);
}
