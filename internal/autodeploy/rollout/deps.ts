import type { Device, Inventory } from "#internal/inventory/contract.ts";
import type { Audit } from "#pkg/audit/port.ts";
import type { Clock } from "#pkg/clock/port.ts";
import type { FoundDevice } from "#pkg/contracts/reading.ts";
import type { Outbox } from "#pkg/eventbus/port.ts";
import type { FileVersions } from "#pkg/filestore/port.ts";
import type { Logger } from "#pkg/logger/port.ts";
import type { SqlClient } from "#pkg/sql/port.ts";
import type { RenderSettings } from "../render/settings.ts";

/** What rollouts ask of the Telegraf processes; `fleet` is one. */
export interface UnitRunner {
  binary(): { state: string; detail: string };
  units(): readonly RunningUnit[];
  /** Files and restart in one; empty files remove the unit. */
  apply(unitId: string, files: Readonly<Record<string, string>>, devices: readonly string[]): Promise<void>;
  files(unitId: string): Promise<Record<string, string>>;
  check(files: Readonly<Record<string, string>>, signal?: AbortSignal): Promise<{ ok: boolean; output: string }>;
  test(
    files: Readonly<Record<string, string>>,
    timeoutMs: number,
    signal?: AbortSignal,
  ): Promise<{ lines: string[]; output: string }>;
}

/** A unit as rollouts look at it. */
export interface RunningUnit {
  id: string;
  state: "stopped" | "starting" | "running" | "backing_off" | "failed";
  devices: readonly string[];
  log: readonly string[];
  lastError: string | null;
}

export interface RolloutSettings {
  render: RenderSettings;
  devicesPerUnit: number;
  /** Added to two intervals for the start of Telegraf. */
  watchTimeoutMs: number;
}

export interface RolloutDeps {
  sql: SqlClient;
  outbox: Outbox;
  clock: Clock;
  log: Logger;
  inventory: Pick<Inventory, "all" | "get" | "setState" | "setReadings">;
  fleet: UnitRunner;
  /** Keeps the snapshots. */
  versions: FileVersions;
  /** Time of the newest sample of a device, UTC ms. */
  lastSeen(deviceKey: string): number | undefined;
  audit: Pick<Audit, "record">;
  settings: RolloutSettings;
  /** Reads a device again; throws when it does not answer. */
  probe(device: Device): Promise<FoundDevice>;
}
