import type { Rollout } from "#internal/autodeploy/contract.ts";
import type { Device } from "#internal/inventory/contract.ts";
import { type AlertRow, toAlertRow } from "../../components/alert-rows.ts";
import { type Part, part } from "../../components/part.ts";
import type { PageRequest } from "../../page.ts";
import type { PageServices } from "../../services.ts";
import { type ReadingRow, toReadingRows } from "./readings.ts";
import { type WhyNot, whyNotCollected } from "./why.ts";

export interface DeviceData {
  device: Device;
  /** What the user may do with it now. */
  actions: readonly DeviceAction[];
  why: Part<WhyNot | null>;
  alerts: Part<readonly AlertRow[]>;
  readings: Part<readonly ReadingRow[]>;
  /** The reading whose chart is drawn, and its address there. */
  chart: { metric: string; rangeMs: number; ranges: readonly number[]; source: string } | null;
  rollouts: Part<readonly Pick<Rollout, "id" | "unitId" | "state" | "startedAt" | "reason" | "by" | "detail">[]>;
}

export type DeviceAction = "accept" | "reject" | "pause" | "resume" | "remove";

const hourMs = 3_600_000;
const ranges = [hourMs / 4, hourMs, 6 * hourMs, 24 * hourMs, 7 * 24 * hourMs];

/** One device: who it is, what it says, why it is (not) collected. Null when there is none. */
export async function deviceData(request: PageRequest, services: PageServices): Promise<DeviceData | null> {
  const device = await services.inventory.get(request.params["id"] ?? "");
  if (device === undefined) return null;
  const [readings, alerts, why, rollouts] = await Promise.all([
    part(() => toReadingRows(device, services.metrics.newest([{ name: "device", op: "=", value: device.key }]))),
    part(async () =>
      (await services.alerts.list({ scope: "open", labels: { device: device.key }, limit: 20 })).items.map((alert) =>
        toAlertRow(alert, request),
      ),
    ),
    part(() => whyNotCollected(device, services)),
    part(async () =>
      (await services.rollouts.list(50))
        .filter(
          (rollout) =>
            rollout.devices.includes(device.key) ||
            rollout.removed.includes(device.key) ||
            rollout.refused.some((one) => one.deviceKey === device.key),
        )
        .slice(0, 10),
    ),
  ]);
  return {
    device,
    actions: actionsFor(device, request),
    why,
    alerts,
    readings,
    chart: readings.ok ? chartOf(device, readings.data, request) : null,
    rollouts,
  };
}

function actionsFor(device: Device, request: PageRequest): DeviceAction[] {
  if (!request.may("operator")) return [];
  const list: DeviceAction[] = [];
  if (device.state === "discovered" || device.state === "rejected") list.push("accept");
  if (device.state !== "rejected") list.push("reject", device.paused ? "resume" : "pause");
  if (request.may("engineer")) list.push("remove");
  return list;
}

function chartOf(device: Device, readings: readonly ReadingRow[], request: PageRequest): DeviceData["chart"] {
  const metric =
    readings.find((row) => row.metric === request.query["metric"])?.metric ??
    readings.find((row) => row.at !== null)?.metric;
  if (metric === undefined) return null;
  const rangeMs = ranges.find((range) => String(range) === request.query["range"]) ?? usualRange(device, request.now);
  const query = new URLSearchParams({ device: device.id, metric, range: String(rangeMs) });
  return { metric, rangeMs, ranges, source: `/chart?${query}` };
}

/** A quarter of an hour while the device is new: its first minutes would be lost in an hour. */
function usualRange(device: Device, now: number): number {
  return now - device.createdAt < hourMs / 2 ? hourMs / 4 : hourMs;
}
