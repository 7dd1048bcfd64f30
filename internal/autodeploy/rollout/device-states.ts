import type { Device, DeviceState } from "#internal/inventory/contract.ts";
import type { DeviceProblem } from "#pkg/contracts/reading.ts";
import type { RolloutDeps } from "./deps.ts";
import { deviceSubject, type Holds } from "./holds.ts";
import type { Refusal } from "./proof.ts";

/** What rollouts tell the inventory: how far a device came, and why not further. */
export interface DeviceStates {
  /** Its fields answer and are plausible. */
  validated(devices: readonly Device[]): Promise<void>;
  /** Telegraf reads it; `problems` by device key keeps what is left out of it. */
  deployed(devices: readonly Device[], problems: ReadonlyMap<string, DeviceProblem>): Promise<void>;
  /** Not collected, with the reason; not tried again before its hold ends or it changes. */
  refused(devices: readonly Device[], refused: readonly Refusal[], holds: Holds): Promise<void>;
  /** Not collected, with the reason; what holds it back is the unit's hold. */
  setBack(devices: readonly Device[], problem: DeviceProblem | null): Promise<void>;
}

const actor = "autodeploy";

/** Writes through the inventory; a device that already stands so is left alone, so that its history stays readable. */
export function createDeviceStates({ inventory }: Pick<RolloutDeps, "inventory">): DeviceStates {
  const set = async (device: Device, state: DeviceState, problem: DeviceProblem | null) => {
    const now = await inventory.get(device.id);
    if (now === undefined || now.state === "rejected") return;
    if (now.state === state && isSame(now.problems, problem)) return;
    await inventory.setState([device.id], state, problem, actor);
  };
  return {
    async validated(devices) {
      for (const device of devices) await set(device, "validated", null);
    },
    async deployed(devices, problems) {
      for (const device of devices) await set(device, "deployed", problems.get(device.key) ?? null);
    },
    async refused(devices, refused, holds) {
      for (const { deviceKey, problem } of refused) {
        const device = devices.find(({ key }) => key === deviceKey);
        if (device === undefined) continue;
        await set(device, "accepted", problem);
        const after = await inventory.get(device.id);
        if (after !== undefined) await holds.add(deviceSubject(deviceKey), holdMark(after));
      }
    },
    async setBack(devices, problem) {
      for (const device of devices) await set(device, "accepted", problem);
    },
  };
}

/** Changes when anybody touches the device: then its refusal counts no longer. */
export function holdMark(device: Device): string {
  return String(device.updatedAt);
}

function isSame(problems: readonly DeviceProblem[], problem: DeviceProblem | null): boolean {
  if (problem === null) return problems.length === 0;
  return problems.length === 1 && problems[0]?.code === problem.code && problems[0].detail === problem.detail;
}
