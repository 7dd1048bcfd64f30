import { existsSync, readFileSync } from "node:fs";
import { Value } from "typebox/value";
import { scanConfig } from "#internal/autodeploy/config.ts";
import { readProfiles } from "#internal/autodeploy/profiles/read.ts";
import { checkRanges } from "#internal/autodeploy/scan/allowed.ts";
import { toPace } from "#internal/autodeploy/scan/plan.ts";
import { createPluginHost } from "#internal/plugins/host.ts";
import type { FoundDevice } from "#pkg/contracts/reading.ts";
import { deviceKey } from "#pkg/contracts/reading.ts";
import type { ScanCredential, ScanPace } from "#pkg/contracts/scanner.ts";
import { AppError } from "#pkg/errors/errors.ts";
import { silentLogger } from "#pkg/logger/logger.ts";
import { plugins } from "#plugins/index.gen.ts";
import { readNodeConfig } from "../config/config.ts";
import { profileFolders } from "../config/profiles.ts";
import { toPaths } from "./options.ts";
import { print } from "./output.ts";
import type { ScanOptions } from "./scan.ts";

const unpaced = { perSecond: 0, perNetworkPerSecond: 0, perDeviceMs: 0, afterConnectMs: 0, timeoutMs: 500, retries: 0 };
const usualPort = { snmp: 161, modbus: 502 };

/** Sweeps the addresses of a file without a node; obeys the configuration's allow-list, else loopback only. */
export async function scanOnce(options: ScanOptions & { protocol: "snmp" | "modbus" }): Promise<void> {
  const { configFile } = toPaths(options);
  const config = existsSync(configFile) ? readNodeConfig(configFile, process.env) : undefined;
  const scan = config?.value.scan ?? Value.Create(scanConfig);
  const addresses = readHosts(options.hosts);
  checkRanges(addresses, { allow: config ? scan.allow : ["127.0.0.0/8"], deny: scan.deny });
  const scanner = openScanner(options.protocol, (_, id) => config?.value.plugins.scanner[id]);
  const profiles = await readProfiles(profileFolders(configFile));
  const pace: ScanPace = options.unpaced ? unpaced : toPace(scan, options.protocol);
  const stop = new AbortController();
  process.once("SIGINT", () => stop.abort());
  const found = scanner.scan(
    {
      addresses,
      total: addresses.length,
      ports: [Number(options.port ?? usualPort[options.protocol])],
      credentials: toCredentials(options),
      busy: new Set(),
      profiles,
    },
    { pace, signal: stop.signal, progress: () => undefined, journal: () => undefined },
  );
  for await (const device of found) print(options.json, toJson(device), toText(device));
}

function readHosts(file: string | undefined): string[] {
  if (file === undefined)
    throw new AppError("bad_request", { message: "which addresses?", mend: "--hosts FILE with one address a line" });
  if (!existsSync(file)) throw new AppError("not_found", { at: file, message: "there is no such file" });
  const lines = readFileSync(file, "utf8")
    .split("\n")
    .map((line) => line.trim());
  return lines.filter((line) => line !== "" && !line.startsWith("#"));
}

function openScanner(id: string, config: (kind: string, id: string) => unknown) {
  const http = { post: () => Promise.reject(new Error("a scan posts nothing")) };
  const host = createPluginHost({
    plugins: plugins.filter((plugin) => plugin.kind === "scanner"),
    config,
    http,
    log: silentLogger,
    now: Date.now,
  });
  const scanner = host.get("scanner", id);
  if (scanner) return scanner;
  const reason = host.list().find((plugin) => plugin.id === id)?.reason ?? "it is not there";
  throw new AppError("unavailable", { message: `the scanner for ${id} cannot be used: ${reason}` });
}

/** Both SNMP versions, the older one last: what speaks 2c is not asked as version 1. */
function toCredentials({ protocol, community }: ScanOptions): ScanCredential[] {
  if (protocol === "modbus") return [{ type: "modbus", unitIds: [0, 1, 2], framings: ["tcp", "rtu-over-tcp"] }];
  return [
    { type: "snmp", version: "2c", community },
    { type: "snmp", version: "1", community },
  ];
}

function toJson(device: FoundDevice) {
  const { endpoint, sysName, sysDescr, sysObjectId, readings, ...facts } = device;
  const { protocol, address, port } = endpoint;
  return {
    key: deviceKey(endpoint),
    protocol,
    address,
    port,
    ...facts,
    sys_name: sysName,
    sys_descr: sysDescr,
    sys_object_id: sysObjectId,
    readings,
  };
}

function toText({ endpoint, vendor, model, kind, readings, problems }: FoundDevice): string {
  const trouble = problems.map((problem) => `  ! ${problem.detail}`);
  return [
    `${deviceKey(endpoint)}  ${kind}  ${vendor ?? "?"} ${model ?? "?"}  ${readings.length} readings`,
    ...trouble,
  ].join("\n");
}
