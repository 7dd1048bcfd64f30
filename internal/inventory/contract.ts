import type { DeviceProblem, Endpoint, FoundDevice, Reading } from "#pkg/contracts/reading.ts";

/**
 * discovered (answered a scan) → accepted (a rule of the site or a person said yes) → validated (its fields answer and
 * are plausible) → deployed (Telegraf reads it) → online (points arrive) / silent (they stopped);
 * vanished (a scan of its range no longer finds it), rejected (a person said no).
 */
export const deviceStates = [
  "discovered",
  "accepted",
  "validated",
  "deployed",
  "online",
  "silent",
  "vanished",
  "rejected",
] as const;
export type DeviceState = (typeof deviceStates)[number];

/** Names of site tags, as JSON schema pattern: they become labels; `device` and `name` are Detectviz's own. */
export const tagNamePattern = "^(?!__|(device|name)$)[A-Za-z_][A-Za-z0-9_]{0,99}$";

export interface Device {
  id: string;
  /** `ip:port:unit`, unique. */
  key: string;
  endpoint: Endpoint;
  kind: string;
  vendor: string | null;
  model: string | null;
  serial: string | null;
  firmware: string | null;
  profile: string | null;
  /** From the site's pattern over tags, else what the device calls itself, else its key. Unique is not promised. */
  name: string;
  sysName: string | null;
  sysDescr: string | null;
  /** The site's tags: factory, phase, dc, room, rack, side … */
  tags: Readonly<Record<string, string>>;
  state: DeviceState;
  /** Paused by a person: known, not collected. */
  paused: boolean;
  readings: readonly Reading[];
  problems: readonly DeviceProblem[];
  lastSampleAt: number | null;
  createdAt: number;
  updatedAt: number;
}

/** What lists and plans of rooms need. */
export type DeviceSummary = Pick<Device, "id" | "key" | "kind" | "name" | "tags" | "state" | "paused">;

export interface DeviceQuery {
  state?: DeviceState;
  protocol?: "snmp" | "modbus";
  kind?: string;
  /** All must be equal. */
  tags?: Readonly<Record<string, string>>;
  /** Substring of name, key, model, vendor. */
  search?: string;
  limit?: number;
  cursor?: string;
}

/** Everything that is known of the site's devices. Every change is stored with its event in one transaction. */
export interface Inventory {
  /** Stores what a scan found. Known devices (same key) get the new identity and readings and keep state, tags and name given by people. */
  discovered(found: FoundDevice, scanId: string, tags: Readonly<Record<string, string>>): Promise<Device>;
  get(id: string): Promise<Device | undefined>;
  byKey(key: string): Promise<Device | undefined>;
  list(query: DeviceQuery): Promise<{ items: Device[]; next: string | null }>;
  all(): Promise<Device[]>;
  /** Where every device stands and how it is, by name: without the weight of the records, 40 times as quick as `all`. */
  states(): Promise<DeviceSummary[]>;
  counts(): Promise<Record<DeviceState, number>>;
  /**
   * Moves devices to a state; those whose state does not allow it (`transitions.ts`: rejected, not accepted) stay.
   * `problem` null clears what stood there. Emits `device.changed`, and `device.silent` with silent.
   */
  setState(ids: readonly string[], state: DeviceState, problem: DeviceProblem | null, by: string): Promise<void>;
  /** Emits `device.changed` with the same state when they differ in more than the value seen. */
  setReadings(id: string, readings: readonly Reading[]): Promise<void>;
  setTags(id: string, tags: Readonly<Record<string, string>>, by: string): Promise<Device>;
  /** The person's word. `accept` also takes back a `reject`. Throws `AppError("not_found")`. */
  accept(id: string, by: string): Promise<Device>;
  reject(id: string, by: string): Promise<Device>;
  /** A device that is collected goes back to accepted. */
  pause(id: string, by: string): Promise<Device>;
  resume(id: string, by: string): Promise<Device>;
  /** Emits `device.changed` to `removed`. A later scan may find it again. */
  remove(id: string, by: string): Promise<void>;
}
