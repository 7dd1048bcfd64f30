import { type DeviceState, deviceStates } from "#internal/inventory/contract.ts";
import { type Part, part } from "../../components/part.ts";
import type { PageRequest } from "../../page.ts";
import type { PageServices } from "../../services.ts";

export interface DevicesData {
  filter: { search: string; state: string; protocol: string };
  states: readonly DeviceState[];
  counts: Part<{ total: number; byState: Record<DeviceState, number> }>;
  mayDecide: boolean;
}

/** The frame of the list; its rows come page by page from the API. Filters stand in the address. */
export async function devicesData(request: PageRequest, services: PageServices): Promise<DevicesData> {
  const { search = "", state = "", protocol = "" } = request.query;
  const counts = await part(async () => {
    const byState = await services.inventory.counts();
    return { total: Object.values(byState).reduce((sum, count) => sum + count, 0), byState };
  });
  return { filter: { search, state, protocol }, states: deviceStates, counts, mayDecide: request.may("operator") };
}
