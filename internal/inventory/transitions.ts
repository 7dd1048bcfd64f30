import type { DeviceState } from "./contract.ts";

/** Where a device that Telegraf may read can go: on, back for another try, or out. */
const inUse: readonly DeviceState[] = ["accepted", "validated", "deployed", "online", "silent", "vanished"];

/**
 * Which moves the machinery may make. A rejected device leaves that state only by a person's `accept`, and one that
 * nobody accepted is never collected.
 */
export const machineMoves: Readonly<Record<DeviceState, readonly DeviceState[]>> = {
  discovered: ["accepted", "vanished"],
  accepted: inUse,
  validated: inUse,
  deployed: inUse,
  online: inUse,
  silent: inUse,
  vanished: ["discovered", "accepted", "online"],
  rejected: [],
};

/** Whether the machinery may move a device so; staying is always allowed. */
export function mayMove(from: DeviceState, to: DeviceState): boolean {
  return from === to || machineMoves[from].includes(to);
}

/** After a person's accept: what is collected already stays as it is. */
export function afterAccept(from: DeviceState): DeviceState {
  return from === "discovered" || from === "rejected" || from === "vanished" ? "accepted" : from;
}

/** After a pause: Telegraf will not read it, so it stands where it stood before it was deployed. */
export function afterPause(from: DeviceState): DeviceState {
  return from === "validated" || from === "deployed" || from === "online" || from === "silent" ? "accepted" : from;
}

/** When a scan finds it again. */
export function afterFound(from: DeviceState, wasAccepted: boolean): DeviceState {
  if (from !== "vanished") return from;
  return wasAccepted ? "accepted" : "discovered";
}
