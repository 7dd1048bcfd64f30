import type { Device } from "#internal/inventory/contract.ts";
import type { ScanCredential } from "#pkg/contracts/scanner.ts";
import type { ScanConfig } from "../config.ts";
import type { ScanRequest } from "../contract.ts";
import type { ScanPlan, Sweep } from "./plan.ts";
import { includes } from "./ranges.ts";

/**
 * Whether a device that was just found is accepted without a person. What has no readings cannot be collected and
 * waits for a person; what a person rejected stays rejected.
 */
export function isAcceptedAtOnce(
  device: Pick<Device, "state" | "readings" | "profile">,
  request: Pick<ScanRequest, "autodeploy">,
  accept: ScanConfig["accept"],
): boolean {
  if (device.state !== "discovered" || device.readings.length === 0) return false;
  if (request.autodeploy !== undefined) return request.autodeploy;
  if (accept === "known") return device.profile !== null && device.profile !== "standard";
  return accept === "all";
}

/** Whether this plan asks the very place, in the very way, in which the device is known. */
export function isCovered(device: Pick<Device, "endpoint">, plan: ScanPlan): boolean {
  const { endpoint } = device;
  if (!includes(plan.spans, endpoint.address)) return false;
  const sweep = plan.sweeps.find((one) => one.protocol === endpoint.protocol && one.ports.includes(endpoint.port));
  return sweep?.credentials.some((credential) => isCredentialOf(endpoint, credential)) ?? false;
}

/** `address:port`, as `ScanTask.busy` has it. */
export function placeOf({ endpoint }: Pick<Device, "endpoint">): string {
  return `${endpoint.address}:${endpoint.port}`;
}

function isCredentialOf(endpoint: Device["endpoint"], credential: ScanCredential): boolean {
  if (endpoint.protocol === "snmp") {
    return (
      credential.type === "snmp" &&
      credential.version === endpoint.version &&
      credential.community === endpoint.community
    );
  }
  return (
    credential.type === "modbus" &&
    credential.unitIds.includes(endpoint.unitId) &&
    credential.framings.includes(endpoint.framing)
  );
}

/** Addresses that one scan asks over all its protocols. */
export function totalOf(plan: { count: number; sweeps: readonly Sweep[] }): number {
  return plan.count * plan.sweeps.length;
}
