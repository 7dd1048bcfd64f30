import type { Device } from "#internal/inventory/contract.ts";
import { toAgentTable } from "./agent.ts";
import { type GatewayDevice, gatewayIntervalMs, toModbusTable } from "./modbus.ts";
import type { RenderSettings } from "./settings.ts";
import { toSnmpTable } from "./snmp.ts";
import { writeToml } from "./toml.ts";

/** Content by name inside the unit's folder. */
export type UnitFiles = Record<string, string>;

const head = "# Written by Detectviz; changes by hand are overwritten by the next rollout.\n";

/** All files of a unit: `telegraf.conf`, and in `telegraf.d` one for each SNMP device and each Modbus gateway. */
export function renderUnit(unitId: string, devices: readonly Device[], settings: RenderSettings): UnitFiles {
  const files: UnitFiles = { "telegraf.conf": head + writeToml(toAgentTable(unitId, settings)) };
  for (const device of sorted(devices)) {
    if (device.endpoint.protocol !== "snmp") continue;
    files[fileOf(device)] = head + writeToml(toSnmpTable(device, device.endpoint, settings));
  }
  for (const gateway of gateways(devices)) {
    const [first] = gateway;
    if (first !== undefined) files[fileOf(first.device)] = head + writeToml(toModbusTable(gateway, settings));
  }
  return files;
}

/** The file of `telegraf.d` that a device stands in; devices behind one gateway share one. */
export function fileOf(device: Device): string {
  const { endpoint } = device;
  const place = `${endpoint.address}_${endpoint.port}`.replaceAll(/[^A-Za-z0-9.]/g, "_");
  const mode = endpoint.protocol === "modbus" ? `modbus-${endpoint.framing}` : "snmp";
  return `telegraf.d/${mode}-${place}.conf`;
}

/** How often the slowest input of these devices is read: gateways with many requests need longer than the interval. */
export function unitIntervalMs(devices: readonly Device[], settings: RenderSettings): number {
  return Math.max(settings.intervalMs, ...gateways(devices).map((gateway) => gatewayIntervalMs(gateway, settings)));
}

function gateways(devices: readonly Device[]): GatewayDevice[][] {
  const byFile = new Map<string, GatewayDevice[]>();
  for (const device of sorted(devices)) {
    if (device.endpoint.protocol !== "modbus") continue;
    const gateway = byFile.get(fileOf(device)) ?? [];
    gateway.push({ device, endpoint: device.endpoint });
    byFile.set(fileOf(device), gateway);
  }
  return [...byFile.values()];
}

function sorted(devices: readonly Device[]): Device[] {
  return [...devices].sort((a, b) => (a.key < b.key ? -1 : 1));
}
