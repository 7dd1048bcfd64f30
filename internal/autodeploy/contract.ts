import type { DeviceProblem } from "#pkg/contracts/reading.ts";
import type { ScanCredential, ScanJournalEntry, ScanPace } from "#pkg/contracts/scanner.ts";

/** One request to look around. */
export interface ScanRequest {
  /** CIDR, single address or `first-last`; every one must lie inside the allow-list. */
  ranges: readonly string[];
  protocols: readonly ("snmp" | "modbus")[];
  ports?: { snmp?: readonly number[]; modbus?: readonly number[] };
  credentials?: readonly ScanCredential[];
  tags?: Readonly<Record<string, string>>;
  /** Accept what is found (as `[scan] accept` says when absent) and deploy it. */
  autodeploy?: boolean;
  /** Only count and check, send nothing. */
  dryRun?: boolean;
  pace?: Partial<ScanPace>;
}

export interface ScanRun {
  id: string;
  request: ScanRequest;
  state: "running" | "done" | "cancelled" | "failed";
  progress: { total: number; sent: number; answered: number };
  /** Device ids. */
  found: readonly string[];
  error: string | null;
  by: string;
  startedAt: number;
  endedAt: number | null;
}

export interface Scans {
  /** Throws `AppError("bad_request")` naming the range that is malformed or outside the allow-list, and the line of the configuration that would allow it. */
  start(request: ScanRequest, by: string): Promise<ScanRun>;
  cancel(id: string, by: string): Promise<ScanRun>;
  get(id: string): Promise<ScanRun | undefined>;
  list(limit: number): Promise<ScanRun[]>;
  journal(id: string): Promise<ScanJournalEntry[]>;
}

export type RolloutState = "rendered" | "checked" | "applying" | "watching" | "applied" | "failed" | "rolled_back";

export interface Rollout {
  id: string;
  unitId: string;
  state: RolloutState;
  /** Devices in the unit after this rollout, and what it adds and takes out. Device keys. */
  devices: readonly string[];
  added: readonly string[];
  removed: readonly string[];
  /** Devices that were left out, each with the reason. */
  refused: readonly { deviceKey: string; problem: DeviceProblem }[];
  snapshotBefore: string | null;
  snapshotAfter: string | null;
  /** What Telegraf said: config check, --test, log lines while watching. */
  telegrafOutput: string;
  detail: string | null;
  by: string;
  reason: string;
  steps: readonly { state: RolloutState; at: number; detail: string }[];
  startedAt: number;
  endedAt: number | null;
}

export interface Rollouts {
  /**
   * Brings Telegraf to what the inventory says now (accepted, not paused). Runs are serialised; returns the rollouts
   * made, empty when nothing differs. What was refused or rolled back lately waits (1 min up to 1 h, or for good when a
   * person put it back) unless it changed or `retryRefused` asks for it now.
   */
  reconcile(by: string, reason: string, options?: { retryRefused?: boolean }): Promise<Rollout[]>;
  get(id: string): Promise<Rollout | undefined>;
  list(limit: number): Promise<Rollout[]>;
  /** Puts back the snapshot from before this rollout, as a rollout of its own. */
  rollback(id: string, by: string): Promise<Rollout>;
  snapshots(unitId: string): Promise<{ hash: string; at: number; rolloutId: string | null }[]>;
  diff(unitId: string, a: string, b: string): Promise<string>;
  restore(unitId: string, hash: string, by: string): Promise<Rollout>;
}
