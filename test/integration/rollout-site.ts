import { join } from "node:path";
import { createRollouts, type OpenRollouts } from "#internal/autodeploy/rollout/rollouts.ts";
import { readRolloutSettings } from "#internal/autodeploy/rollout/settings.ts";
import { toTelegrafEnvironment } from "#internal/fleet/environment.ts";
import { openFleet } from "#internal/fleet/fleet.ts";
import type { Device } from "#internal/inventory/contract.ts";
import { createInventory } from "#internal/inventory/inventory.ts";
import { systemClock as clock } from "#pkg/clock/clock.ts";
import type { Endpoint, FoundDevice, Reading } from "#pkg/contracts/reading.ts";
import { createOutbox } from "#pkg/eventbus/outbox.ts";
import { openDirectory } from "#pkg/filestore/adapters/directory.ts";
import { silentLogger as log } from "#pkg/logger/logger.ts";
import { openTestDatabase } from "#test/fixtures/database.ts";
import { openTestVault } from "#test/fixtures/vault.ts";
import { openRealTelegraf } from "./fleet-telegraf.ts";
import { openLineCatch } from "./rollout-catch.ts";

const script = join(import.meta.dirname, "../../conf/provisioning/templates/telegraf/split_parts.star");
const keys = {
  interval: "1s",
  devices_per_unit: 50,
  batch_size: 1000,
  buffer_limit: 1000,
  watch_timeout: "6s",
  modbus_pause_after_connect: "0s",
  modbus_pause_between_requests: "0s",
};

/** A node without pages: inventory, fleet and rollouts over real Telegraf, which writes to a small server. */
export async function openSite() {
  const database = await openTestDatabase();
  const { sql, folder } = database;
  const points = await openLineCatch();
  const outbox = createOutbox({ clock, node: "test" });
  const audit = { record: async () => {} };
  const vault = await openTestVault(database);
  const naming = { pattern: "" };
  const inventory = createInventory({ sql, outbox, clock, audit, vault, naming, lastSeen: points.lastSeen });
  const binary = await openRealTelegraf();
  const own = { DETECTVIZ_INGEST_URL: points.url, DETECTVIZ_INGEST_TOKEN: "t" };
  const environment = toTelegrafEnvironment(process.env, own);
  const fleet = openFleet({
    folder: join(folder, "telegraf"),
    binary,
    environment,
    keepOnStop: () => false,
    clock,
    log,
  });
  const { versions } = await openDirectory({ folder: join(folder, "files"), sql, clock });
  const answers = new Map<string, readonly Reading[]>();
  const probe = async (device: Device) => {
    const readings = answers.get(device.key);
    if (readings === undefined) throw new Error("no answer within 2 s");
    return toFound(device.endpoint, readings);
  };
  let inUse = keys;
  const lastSeen = points.lastSeen;
  const open = () =>
    createRollouts({
      ...{ sql, outbox, clock, log, inventory, fleet, versions, lastSeen, audit, probe },
      get settings() {
        return readRolloutSettings(inUse, script);
      },
    });
  let rollouts: OpenRollouts = open();
  return {
    inventory,
    fleet,
    points,
    sql,
    /** What a probe of a device finds; without an entry it does not answer. */
    answers,
    get rollouts() {
      return rollouts;
    },
    /** Changes keys of `[telegraf]`. */
    configure(change: Partial<typeof keys>) {
      inUse = { ...inUse, ...change };
    },
    /** Ends the rollouts in the middle and opens others on the same ledger. */
    async restart() {
      await rollouts.close();
      rollouts = open();
    },
    /** Finds and accepts a device. */
    async accept(endpoint: Endpoint, readings: readonly Reading[], tags: Record<string, string> = {}, sysName = "dev") {
      const found = { ...toFound(endpoint, readings), sysName };
      const device = await inventory.discovered(found, "scan", tags);
      return inventory.accept(device.id, "test");
    },
    state: async (device: Device) => (await inventory.get(device.id)) ?? device,
    async close() {
      await rollouts.close();
      await fleet.close();
      await binary.close();
      await points.close();
      await database.dispose();
    },
  };
}

export type Site = Awaited<ReturnType<typeof openSite>>;

function toFound(endpoint: Endpoint, readings: readonly Reading[]): FoundDevice {
  return {
    endpoint,
    kind: "pdu",
    profile: null,
    vendor: null,
    model: null,
    serial: null,
    firmware: null,
    sysName: "dev",
    sysDescr: null,
    sysObjectId: null,
    readings,
    problems: [],
  };
}

/** An SNMP v2c endpoint on loopback. */
export const snmpAt = (port: number): Endpoint => ({
  protocol: "snmp",
  address: "127.0.0.1",
  port,
  version: "2c",
  community: "public",
});

/** A Modbus TCP endpoint on loopback. */
export const modbusAt = (port: number, unitId: number): Endpoint => ({
  protocol: "modbus",
  address: "127.0.0.1",
  port,
  unitId,
  framing: "tcp",
});

/** A current at an OID, in tenths of ampere. */
export const snmpCurrent = (oid: string, value: number, tags: Record<string, string> = {}): Reading => ({
  field: "current",
  tags,
  kind: "current",
  unit: "A",
  scale: 0.1,
  value,
  source: { type: "snmp", oid },
});

/** A voltage in a holding register, in tenths of volt. */
export const modbusVoltage = (address: number, value: number, tags: Record<string, string> = {}): Reading => ({
  field: "voltage",
  tags,
  kind: "voltage",
  unit: "V",
  scale: 0.1,
  value,
  source: { type: "modbus", register: "holding", address, dataType: "UINT16", byteOrder: "ABCD" },
});
