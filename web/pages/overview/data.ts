import { type AlertRow, toAlertRow } from "../../components/alert-rows.ts";
import { type Part, part } from "../../components/part.ts";
import type { PageRequest } from "../../page.ts";
import type { PageServices } from "../../services.ts";
import { type EventRow, toEventRows } from "./happened.ts";
import { type LoopStage, loopStages } from "./loop.ts";
import { type Doing, whatIsDone } from "./now.ts";

export interface OverviewData {
  loop: Part<readonly LoopStage[]>;
  doing: Part<readonly Doing[]>;
  wrong: Part<readonly AlertRow[]>;
  happened: Part<readonly EventRow[]>;
  /** Steps of the guide, or null once there is a device. */
  guide: Part<readonly GuideStep[] | null>;
}

export interface GuideStep {
  name: "ranges" | "scan" | "accept";
  state: "done" | "next" | "later";
}

/** What one sees first: the loop, what is done now, what is wrong, what happened. */
export async function overviewData(request: PageRequest, services: PageServices): Promise<OverviewData> {
  const [loop, doing, wrong, guide] = await Promise.all([
    part(() => loopStages(services, request.now)),
    part(() => whatIsDone(services)),
    part(() => worstFiring(request, services)),
    part(() => guideSteps(services)),
  ]);
  const happened = await part(() => toEventRows(services.recentEvents(100), 12));
  return { loop, doing, wrong, happened, guide };
}

const ranks = { critical: 0, warning: 1, info: 2 } as const;

/** What is wrong now, the worst first, of those the newest first. */
async function worstFiring(request: PageRequest, services: PageServices): Promise<AlertRow[]> {
  const { items } = await services.alerts.list({ scope: "firing", limit: 100 });
  const sorted = items.toSorted((a, b) => ranks[a.level] - ranks[b.level] || b.startedAt - a.startedAt);
  return sorted.slice(0, 8).map((alert) => toAlertRow(alert, request));
}

async function guideSteps(services: PageServices): Promise<readonly GuideStep[] | null> {
  const counts = await services.inventory.counts();
  const known = Object.values(counts).reduce((sum, count) => sum + count, 0);
  if (known - counts.discovered > 0) return null;
  const hasRanges = services.site().scanAllow.length > 0;
  const hasScanned = (await services.scans.list(1)).length > 0;
  const done = [hasRanges, hasScanned && known > 0, false];
  const next = done.indexOf(false);
  return (["ranges", "scan", "accept"] as const).map((name, index) => ({
    name,
    state: index < next ? "done" : index === next ? "next" : "later",
  }));
}
