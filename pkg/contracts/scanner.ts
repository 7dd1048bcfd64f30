import type { DeviceProfile } from "./profile.ts";
import type { Endpoint, FoundDevice } from "./reading.ts";

/** What a scanner is asked to look at. Addresses were checked against the allow-list before they got here. */
export interface ScanTask {
  /** Addresses to ask, each once; an iterable, so that a /8 does not stand in memory. */
  addresses: Iterable<string>;
  /** How many `addresses` gives. */
  total: number;
  ports: readonly number[];
  credentials: readonly ScanCredential[];
  /** Endpoints that Telegraf reads now: never touched by a scan. Keys are `address:port`. */
  busy: ReadonlySet<string>;
  profiles: readonly DeviceProfile[];
}

export type ScanCredential =
  | { type: "snmp"; version: "1" | "2c"; community: string }
  | { type: "modbus"; unitIds: readonly number[]; framings: readonly ("tcp" | "rtu-over-tcp")[] };

/** How gently to ask. All limits hold together. */
export interface ScanPace {
  /** Packets (SNMP) or connections (Modbus) a second over the whole scan; 0 is unpaced. */
  perSecond: number;
  /** At most this many a second into one /24; 0 is unpaced. */
  perNetworkPerSecond: number;
  /** Pause between two requests to one device. */
  perDeviceMs: number;
  /** Pause after a connection was made, before the first request (Modbus). */
  afterConnectMs: number;
  timeoutMs: number;
  retries: number;
}

/** One line of the journal: what was sent where, and what came of it. */
export interface ScanJournalEntry {
  atMs: number;
  target: string;
  sent: string;
  outcome: string;
}

export interface ScanContext {
  pace: ScanPace;
  signal: AbortSignal;
  /** Addresses asked / answered so far; called often, cheap. */
  progress(sent: number, answered: number): void;
  journal(entry: ScanJournalEntry): void;
}

/** Finds devices of one protocol. Read-only: it never writes to a device. */
export interface Scanner {
  /** Yields each device once, as soon as it is known. Ends early, without error, when the signal fires. */
  scan(task: ScanTask, context: ScanContext): AsyncIterable<FoundDevice>;
  /** Reads one known device again, with its profile: what does it say now? Throws when it does not answer. */
  probe(endpoint: Endpoint, profiles: readonly DeviceProfile[], context: ScanContext): Promise<FoundDevice>;
}
