import type { Alert } from "#internal/alert/contract.ts";
import type { Device } from "#internal/inventory/contract.ts";
import type { Floor, PlacedDevice } from "../../components/floor-grid.ts";
import { type Part, part } from "../../components/part.ts";
import type { PageRequest } from "../../page.ts";
import type { PageServices } from "../../services.ts";
import { layOut } from "./floor.ts";

export interface RoomSummary {
  /** `F12/P7/DC1/R1`: what stands in the address. */
  place: string;
  devices: number;
  abnormal: number;
  level: Alert["level"] | null;
}

export interface GridStatusData {
  rooms: Part<readonly RoomSummary[]> | null;
  room: { place: string; turned: boolean; floor: Part<Floor> } | null;
}

/** All rooms, or the floor of one (`?room=F12/P7/DC1/R1`), as it is or turned by 90° (`?turn=90`). */
export async function gridStatusData(request: PageRequest, services: PageServices): Promise<GridStatusData> {
  const place = request.query["room"] ?? "";
  if (place === "") return { rooms: await part(async () => summarise(await placed(services))), room: null };
  const turned = request.query["turn"] === "90";
  const floor = await part(async () =>
    layOut(
      (await placed(services)).filter((one) => placeOf(one.tags) === place),
      turned,
    ),
  );
  return { rooms: null, room: { place, turned, floor } };
}

/** Devices that people said yes to, each with the worst that is open on it. */
async function placed(services: PageServices): Promise<(PlacedDevice & { tags: Device["tags"] })[]> {
  const worst = worstByDevice((await services.alerts.list({ scope: "firing", limit: 1000 })).items);
  const devices = (await services.inventory.states()).filter((device) => device.state !== "rejected");
  return devices.map(({ id, key, name, tags, state, paused, kind }) => ({
    id,
    key,
    name,
    tags,
    state,
    paused,
    kind,
    alert: worst.get(key) ?? null,
  }));
}

const ranks = { info: 1, warning: 2, critical: 3 } as const;

function worstByDevice(alerts: readonly Alert[]): Map<string, PlacedDevice["alert"]> {
  const worst = new Map<string, PlacedDevice["alert"]>();
  for (const { labels, level, ruleName, acknowledgement, cover } of alerts) {
    const key = labels["device"];
    if (key === undefined) continue;
    const before = worst.get(key);
    if (before && ranks[before.level] >= ranks[level]) continue;
    worst.set(key, {
      level,
      name: ruleName,
      unacknowledged: acknowledgement === "unacknowledged",
      covered: cover !== null,
    });
  }
  return worst;
}

function placeOf(tags: Device["tags"]): string {
  return ["factory", "phase", "dc", "room"].flatMap((key) => tags[key] ?? []).join("/");
}

function summarise(devices: readonly (PlacedDevice & { tags: Device["tags"] })[]): RoomSummary[] {
  const rooms = new Map<string, RoomSummary>();
  for (const device of devices) {
    const place = placeOf(device.tags);
    if (place === "") continue;
    const room = rooms.get(place) ?? { place, devices: 0, abnormal: 0, level: null };
    const level = device.alert?.level ?? null;
    const abnormal = level !== null || device.state === "silent" || device.state === "vanished";
    const worse = level !== null && (room.level === null || ranks[level] > ranks[room.level]);
    rooms.set(place, {
      place,
      devices: room.devices + 1,
      abnormal: room.abnormal + (abnormal ? 1 : 0),
      level: worse ? level : room.level,
    });
  }
  return [...rooms.values()].sort((a, b) => a.place.localeCompare(b.place, "en", { numeric: true }));
}
