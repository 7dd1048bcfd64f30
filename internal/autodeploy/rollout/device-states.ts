import type { Device } from "#internal/inventory/contract.ts";
import type { DeviceProblem } from "#pkg/contracts/reading.ts";
import type { RolloutDeps } from "./deps.ts";
import { deviceSubject, type Holds } from "./holds.ts";
import type { Refusal } from "./proof.ts";

/** What rollouts tell the inventory: how far a device came, and why not further. */
export interface DeviceStates {
  /** Their fields answer and are plausible. */
  validated(devices: readonly Device[]): Promise<void>;
  /** Telegraf reads them; `leftOut` by device key is what of them it does not. */
  deployed(devices: readonly Device[], leftOut: ReadonlyMap<string, DeviceProblem>): Promise<void>;
  /** Not collected, each with its reason, and held back before it is tried again. */
  refused(devices: readonly Device[], refused: readonly Refusal[]): Promise<void>;
  /** Not collected; what holds them back is the unit's hold. */
  setBack(devices: readonly Device[], problem: DeviceProblem): Promise<void>;
}

const actor = "autodeploy";

/** Writes through the inventory, which leaves alone what stands so already and what a person rejected meanwhile. */
export function createDeviceStates({
  inventory,
  holds,
}: Pick<RolloutDeps, "inventory"> & { holds: Holds }): DeviceStates {
  const ids = (devices: readonly Device[]) => devices.map(({ id }) => id);
  return {
    validated: (devices) => inventory.setState(ids(devices), "validated", null, actor),
    async deployed(devices, leftOut) {
      const whole = devices.filter(({ key }) => !leftOut.has(key));
      await inventory.setState(ids(whole), "deployed", null, actor);
      for (const { id, key } of devices) {
        const problem = leftOut.get(key);
        if (problem !== undefined) await inventory.setState([id], "deployed", problem, actor);
      }
    },
    async refused(devices, refused) {
      for (const { deviceKey, problem } of refused) {
        const device = devices.find(({ key }) => key === deviceKey);
        if (device === undefined) continue;
        await inventory.setState([device.id], "accepted", problem, actor);
        const after = await inventory.get(device.id);
        if (after !== undefined) await holds.add(deviceSubject(deviceKey), holdMark(after));
      }
    },
    setBack: (devices, problem) => inventory.setState(ids(devices), "accepted", problem, actor),
  };
}

/** Changes when anybody touches the device: then its refusal counts no longer. */
export function holdMark(device: Device): string {
  return String(device.updatedAt);
}
