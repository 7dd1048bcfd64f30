import type { ScanRun } from "#internal/autodeploy/contract.ts";
import type { Device } from "#internal/inventory/contract.ts";
import { type Part, part } from "../../components/part.ts";
import type { PageRequest } from "../../page.ts";
import type { PageServices, SiteFacts } from "../../services.ts";

export interface FindData {
  site: Part<Pick<SiteFacts, "scanAllow" | "scanRanges" | "accept" | "configFile">>;
  scans: Part<readonly ScanRun[]>;
  /** Devices that wait for a person's word. */
  waiting: Part<readonly Pick<Device, "id" | "key" | "name" | "vendor" | "model" | "profile" | "problems">[]>;
  mayScan: boolean;
  mayCancel: boolean;
  mayAccept: boolean;
}

/** Scans: what may be asked, what runs, what was found. */
export async function findData(request: PageRequest, services: PageServices): Promise<FindData> {
  const [site, scans, waiting] = await Promise.all([
    part(() => services.site()),
    part(() => services.scans.list(20)),
    part(async () => (await services.inventory.list({ state: "discovered", limit: 100 })).items),
  ]);
  return {
    site,
    scans,
    waiting,
    mayScan: request.may("engineer"),
    mayCancel: request.may("operator"),
    mayAccept: request.may("operator"),
  };
}
