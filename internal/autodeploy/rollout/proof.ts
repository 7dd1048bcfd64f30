import type { Device } from "#internal/inventory/contract.ts";
import type { DeviceProblem } from "#pkg/contracts/reading.ts";
import { AppError } from "#pkg/errors/errors.ts";
import { gatewayOf } from "../render/packing.ts";
import { fileOf, renderUnit, unitIntervalMs } from "../render/render.ts";
import type { RenderSettings } from "../render/settings.ts";
import { compareReadings } from "./compare.ts";
import type { UnitRunner } from "./deps.ts";
import type { UnitPlan } from "./plan.ts";
import { parsePrinted } from "./points.ts";

/** A device that is left out of a rollout, and why. */
export interface Refusal {
  deviceKey: string;
  problem: DeviceProblem;
}

/** What the trial runs said. */
export interface Proof {
  refused: Refusal[];
  /** Keys of the devices of which Telegraf printed all fields. */
  proven: string[];
  /** Telegraf's own words. */
  output: string;
}

export interface ProofDeps {
  fleet: Pick<UnitRunner, "check" | "test">;
  settings: RenderSettings;
  /** Gateways (`address:port`) that some unit reads now: never tested beside it. */
  busyGateways: ReadonlySet<string>;
  signal: AbortSignal;
}

/** `telegraf --test` starts, gathers once and ends; a silent SNMP device costs 6 s of it. */
const testTimeoutMs = 30_000;

/**
 * Proves a plan before anything is touched: `config check` over all of it, then `--test` with the new and changed
 * devices alone, whose printed points are compared with their readings. Throws `AppError("unprocessable")` when
 * Telegraf refuses the files and no single device is to blame.
 */
export async function prove(plan: UnitPlan, deps: ProofDeps): Promise<Proof> {
  const checked = await checkFiles(plan, deps);
  const blamed = new Set(checked.refused.map(({ deviceKey }) => deviceKey));
  const candidates = [...plan.added, ...plan.changed].filter(
    (device) => !blamed.has(device.key) && isTestable(device, deps),
  );
  const tested = await testDevices(plan.unitId, candidates, deps);
  return {
    refused: [...checked.refused, ...tested.refused],
    proven: tested.proven,
    output: [checked.output, tested.output].filter(Boolean).join("\n"),
  };
}

async function checkFiles(plan: UnitPlan, { fleet, settings, signal }: ProofDeps): Promise<Omit<Proof, "proven">> {
  const whole = await fleet.check(plan.files, signal);
  if (whole.ok) return { refused: [], output: "" };
  const refused: Refusal[] = [];
  for (const device of [...plan.added, ...plan.changed]) {
    const alone = await fleet.check(renderUnit(plan.unitId, [device], settings), signal);
    const detail = `telegraf config check refuses it: ${errorLines(alone.output)}`;
    if (!alone.ok) refused.push({ deviceKey: device.key, problem: { code: "config_check", detail } });
  }
  if (refused.length > 0) return { refused, output: whole.output };
  throw new AppError("unprocessable", {
    at: plan.unitId,
    message: `telegraf config check: ${errorLines(whole.output)}`,
  });
}

function isTestable(device: Device, { busyGateways }: ProofDeps): boolean {
  const gateway = gatewayOf(device);
  return gateway === undefined || !busyGateways.has(gateway);
}

async function testDevices(unitId: string, devices: readonly Device[], deps: ProofDeps): Promise<Proof> {
  if (devices.length === 0) return { refused: [], proven: [], output: "" };
  const files = renderUnit(unitId, devices, deps.settings);
  const timeoutMs = testTimeoutMs + 2 * unitIntervalMs(devices, deps.settings);
  const { lines, output } = await deps.fleet.test(files, timeoutMs, deps.signal);
  const points = lines.flatMap((line) => parsePrinted(line) ?? []);
  const proven: string[] = [];
  const refused: Refusal[] = [];
  for (const device of devices) {
    const own = points.filter(({ tags }) => tags.includes(`device=${device.key}`));
    const problem = compareReadings(device, own);
    if (problem === null) proven.push(device.key);
    else refused.push({ deviceKey: device.key, problem: withWords(problem, wordsAbout(device, output)) });
  }
  return { refused, proven, output };
}

/** The last thing Telegraf had to complain about this device or its gateway. */
export function wordsAbout(device: Device, log: string | readonly string[]): string | undefined {
  const lines = typeof log === "string" ? log.split("\n") : log;
  const place = `${device.endpoint.address}:${device.endpoint.port}`;
  const line = lines.findLast(
    (text) => text.includes(" E! ") && (text.includes(place) || text.includes(fileOf(device))),
  );
  return line?.slice(line.indexOf(" E! ") + 4);
}

/** The problem with Telegraf's own words at its end. */
export function withWords(problem: DeviceProblem, words: string | undefined): DeviceProblem {
  return words === undefined ? problem : { ...problem, detail: `${problem.detail} (Telegraf: ${words})` };
}

function errorLines(output: string): string {
  const lines = output.split("\n").filter((line) => line.includes(" E! "));
  return (lines.length > 0 ? lines : output.trim().split("\n")).slice(-3).join(" ");
}
