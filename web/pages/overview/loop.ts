import type { PageServices } from "../../services.ts";

export type LoopStageName = "found" | "validated" | "collecting" | "samples" | "rules" | "alarms" | "told";

/** One stage of the loop: how much passes through it, and where its page is. */
export interface LoopStage {
  name: LoopStageName;
  value: number;
  href: string;
  /** Why it stands still (key of the words), or null while it moves. */
  still: string | null;
  /** Colour is for what is abnormal only. */
  tone: "calm" | "warning" | "critical";
}

const dayMs = 24 * 3600 * 1000;

/** The seven stages in the order of the data, with live numbers. */
export async function loopStages(services: PageServices, now: number): Promise<readonly LoopStage[]> {
  const counts = await services.inventory.counts();
  const alarms = await services.alerts.counts();
  const rules = (await services.rules.list()).filter((rule) => rule.enabled !== false);
  const told = await toldToday(services, now);
  const known = counts.accepted + counts.validated + counts.deployed + counts.online + counts.silent;
  const found = counts.discovered + known;
  const validated = counts.validated + counts.deployed + counts.online + counts.silent;
  const rate = Math.round(services.metrics.rate());
  const firing = alarms.critical + alarms.warning + alarms.info;
  return [
    stage("found", found, "/devices", found === 0 ? "nothing" : null),
    stage(
      "validated",
      validated,
      "/devices?state=validated",
      validated === 0 && found > 0 ? acceptOrWait(counts) : null,
    ),
    stage(
      "collecting",
      counts.online,
      "/devices?state=online",
      collectingStill(services, validated, counts.online),
      counts.silent > 0 ? "warning" : "calm",
    ),
    stage(
      "samples",
      rate,
      "/system",
      counts.online > 0 && rate === 0 ? "noData" : null,
      counts.online > 0 && rate === 0 ? "critical" : "calm",
    ),
    stage("rules", rules.length, "/rules", rules.length === 0 ? "noRules" : null),
    stage(
      "alarms",
      firing,
      "/record-status",
      null,
      alarms.critical > 0 ? "critical" : alarms.warning > 0 ? "warning" : "calm",
    ),
    stage("told", told.sent, "/people", told.failed > 0 ? "notReached" : null, told.failed > 0 ? "warning" : "calm"),
  ];
}

function stage(
  name: LoopStageName,
  value: number,
  href: string,
  still: string | null,
  tone: LoopStage["tone"] = "calm",
): LoopStage {
  return { name, value, href, still: still === null ? null : `still.${still}`, tone };
}

function acceptOrWait(counts: { accepted: number }): string {
  return counts.accepted > 0 ? "validating" : "accept";
}

function collectingStill(services: PageServices, validated: number, online: number): string | null {
  if (online > 0 || validated === 0) return null;
  return services.fleet.binary().state === "ready" ? "firstPoints" : "telegraf";
}

/** Messages of the last day; a hundred are looked at. */
async function toldToday(services: PageServices, now: number): Promise<{ sent: number; failed: number }> {
  const { items } = await services.notifier.list({ limit: 100 });
  const recent = items.filter((one) => one.createdAt > now - dayMs && one.status !== "test");
  return {
    sent: recent.filter((one) => one.state === "sent").length,
    failed: recent.filter((one) => one.state === "failed").length,
  };
}
