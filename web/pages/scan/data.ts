import type { ScanRun } from "#internal/autodeploy/contract.ts";
import type { Device } from "#internal/inventory/contract.ts";
import type { ScanJournalEntry } from "#pkg/contracts/scanner.ts";
import { type Part, part } from "../../components/part.ts";
import type { PageRequest } from "../../page.ts";
import type { PageServices } from "../../services.ts";

export interface ScanData {
  scan: ScanRun;
  found: Part<readonly Pick<Device, "id" | "key" | "name" | "vendor" | "model" | "state" | "paused" | "problems">[]>;
  journal: Part<{ entries: readonly ScanJournalEntry[]; total: number }>;
  mayCancel: boolean;
  mayAccept: boolean;
}

const journalShown = 500;

/** One scan: how far, what it found, what it sent. Null when there is none. */
export async function scanData(request: PageRequest, services: PageServices): Promise<ScanData | null> {
  const scan = await services.scans.get(request.params["id"] ?? "");
  if (scan === undefined) return null;
  const [found, journal] = await Promise.all([
    part(async () =>
      (await Promise.all(scan.found.slice(0, 500).map((id) => services.inventory.get(id)))).filter(
        (device) => device !== undefined,
      ),
    ),
    part(async () => {
      const entries = await services.scans.journal(scan.id);
      return { entries: entries.slice(-journalShown), total: entries.length };
    }),
  ]);
  return {
    scan,
    found,
    journal,
    mayCancel: scan.state === "running" && request.may("operator"),
    mayAccept: request.may("operator"),
  };
}
