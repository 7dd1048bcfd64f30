import type { Device } from "#internal/inventory/contract.ts";
import type { DeviceProblem } from "#pkg/contracts/reading.ts";
import type { PageServices } from "../../services.ts";

/** Why a device is not collected: one reason, what was said, and the next step. */
export interface WhyNot {
  /** Key of the words. */
  reason: string;
  problems: readonly DeviceProblem[];
  /** Telegraf's or a part's own words. */
  detail: string | null;
}

/** Null when it is collected. The first reason on the way from the wire to the store counts. */
export async function whyNotCollected(device: Device, services: PageServices): Promise<WhyNot | null> {
  if (device.state === "online" && !device.paused) return null;
  const { problems } = device;
  const why = (reason: string, detail: string | null = null): WhyNot => ({ reason: `why.${reason}`, problems, detail });
  if (device.state === "rejected") return why("rejected");
  if (device.paused) return why("paused");
  if (device.state === "vanished") return why("vanished");
  if (problems.length > 0 && device.state !== "silent") return why("problem");
  if (device.readings.length === 0) return why("noReadings");
  if (device.state === "discovered") return why("notAccepted");
  const binary = services.fleet.binary();
  if (binary.state !== "ready") return why("noTelegraf", binary.detail);
  if (device.state === "accepted" || device.state === "validated") return why("waitsForRollout");
  return whyOfUnit(device, services, why);
}

function whyOfUnit(
  device: Device,
  services: PageServices,
  why: (reason: string, detail?: string | null) => WhyNot,
): WhyNot {
  const unit = services.fleet.units().find((one) => one.devices.includes(device.key));
  if (unit === undefined) return why("inNoUnit");
  if (unit.state !== "running") return why("unitDown", unit.lastError);
  const words = unit.log.filter((line) => line.includes(device.endpoint.address)).slice(-3);
  return why(device.state === "silent" ? "silent" : "firstPoints", words.length === 0 ? null : words.join("\n"));
}
