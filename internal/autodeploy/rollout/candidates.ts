import type { Device, DeviceState } from "#internal/inventory/contract.ts";
import type { DeviceProblem } from "#pkg/contracts/reading.ts";
import { messageOf } from "#pkg/errors/errors.ts";
import { gatewayOf } from "../render/packing.ts";
import { forEachAtOnce } from "./at-once.ts";
import type { RolloutParts } from "./context.ts";
import { holdMark } from "./device-states.ts";
import { deviceSubject } from "./holds.ts";
import { toDeployable } from "./plausible.ts";
import type { Refusal } from "./proof.ts";

/** What of the inventory is to be collected now. */
export interface Candidates {
  /** With the readings that can be deployed. */
  devices: Device[];
  /** What is left out of those, by device key. */
  leftOut: Map<string, DeviceProblem>;
}

const wantedStates: readonly DeviceState[] = ["accepted", "validated", "deployed", "online", "silent"];
/** A device that nobody touched for longer is asked again before it is deployed … */
const freshForMs = 600_000;
/** … and one whose readings are in doubt since the last attempt. */
const doubts = new Set(["no_answer", "fields_missing", "implausible", "values_differ"]);
const probesAtOnce = 8;

/** Devices that a unit may read: accepted by somebody and not paused. A vanished one stays where it is read already. */
export function isWanted(device: Device, isRead: boolean): boolean {
  return !device.paused && (wantedStates.includes(device.state) || (isRead && device.state === "vanished"));
}

/**
 * Validates the wanted devices. One that is read already keeps its place; a new one must have readings that can be
 * true, and is asked again when the scan is old. The inventory learns why a device is refused.
 */
export async function chooseDevices(
  wanted: readonly Device[],
  read: ReadonlySet<string>,
  parts: RolloutParts,
  ignoreHolds: boolean,
): Promise<Candidates> {
  const known = wanted.filter(({ key }) => read.has(key));
  const isNew = wanted.filter(({ key }) => !read.has(key));
  const free = ignoreHolds ? isNew : await notHeld(isNew, parts);
  const busy = new Set(known.flatMap((device) => gatewayOf(device) ?? []));
  const answered = await askAgain(free, busy, parts);
  parts.signal.throwIfAborted();
  const leftOut = new Map<string, DeviceProblem>();
  const devices: Device[] = [];
  const refused: Refusal[] = [...answered.refused];
  for (const candidate of [...known, ...answered.devices]) {
    const { device, problem } = toDeployable(candidate);
    if (device.readings.length > 0) devices.push(device);
    else if (problem !== null && !read.has(device.key)) refused.push({ deviceKey: device.key, problem });
    if (problem !== null && device.readings.length > 0) leftOut.set(device.key, problem);
  }
  await parts.states.refused(wanted, refused);
  return { devices, leftOut };
}

async function notHeld(devices: readonly Device[], { holds }: RolloutParts): Promise<Device[]> {
  const held = await Promise.all(devices.map((device) => holds.isHeld(deviceSubject(device.key), holdMark(device))));
  return devices.filter((_device, index) => held[index] !== true);
}

/** Probes the devices whose scan is old, a few at once, and one after the other behind a gateway. */
async function askAgain(
  devices: readonly Device[],
  busyGateways: ReadonlySet<string>,
  { deps }: RolloutParts,
): Promise<{ devices: Device[]; refused: Refusal[] }> {
  const oldest = deps.clock.now() - freshForMs;
  const isOld = (device: Device) => device.updatedAt < oldest || device.problems.some(({ code }) => doubts.has(code));
  const mustAsk = (device: Device) => isOld(device) && !busyGateways.has(gatewayOf(device) ?? "");
  const answered = devices.filter((device) => !mustAsk(device));
  const refused: Refusal[] = [];
  const places = Map.groupBy(devices.filter(mustAsk), (device) => gatewayOf(device) ?? device.key);
  await forEachAtOnce([...places.values()], probesAtOnce, async (place) => {
    for (const device of place) {
      try {
        answered.push(await probeAgain(device, deps));
      } catch (error) {
        const detail = `it answered the scan and does not answer now: ${messageOf(error)}`;
        refused.push({ deviceKey: device.key, problem: { code: "no_answer", detail } });
      }
    }
  });
  return { devices: answered, refused };
}

async function probeAgain(device: Device, { probe, inventory }: RolloutParts["deps"]): Promise<Device> {
  const found = await probe(device);
  if (found.readings.length > 0) await inventory.setReadings(device.id, found.readings);
  const readings = found.readings.length > 0 ? found.readings : device.readings;
  return { ...((await inventory.get(device.id)) ?? device), readings };
}
