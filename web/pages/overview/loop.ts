import type { DeviceState } from "#internal/inventory/contract.ts";
import type { PageServices } from "../../services.ts";

export type LoopStageName = "found" | "validated" | "collecting" | "samples" | "rules" | "alarms" | "told";

/** One stage of the loop: how much passes through it, and where its page is. */
export interface LoopStage {
  name: LoopStageName;
  value: number;
  href: string;
  /** Why it stands still or limps (key of the words, and what fills it), or null while all is well. */
  still: { text: string; n: number } | null;
  /** Colour is for what is abnormal only. */
  tone: "calm" | "warning" | "critical";
}

type Counts = Record<DeviceState, number>;

const dayMs = 24 * 3600 * 1000;

/** The seven stages in the order of the data, with live numbers. */
export async function loopStages(services: PageServices, now: number): Promise<readonly LoopStage[]> {
  const counts = await services.inventory.counts();
  const [rules, alarms, told] = await Promise.all([
    services.rules.list(),
    services.alerts.counts(),
    toldToday(services, now),
  ]);
  const enabled = rules.filter((rule) => rule.enabled !== false).length;
  return [
    foundStage(counts),
    validatedStage(counts),
    collectingStage(counts, services),
    samplesStage(counts, services),
    { ...calm("rules", enabled, "/rules"), still: enabled === 0 ? still("noRules") : null },
    alarmsStage(alarms),
    { ...calm("told", told.sent, "/people"), ...(told.failed > 0 && limps("notReached", told.failed)) },
  ];
}

function calm(name: LoopStageName, value: number, href: string): LoopStage {
  return { name, value, href, still: null, tone: "calm" };
}

function still(name: string, n = 0): LoopStage["still"] {
  return { text: `still.${name}`, n };
}

function limps(name: string, n: number): Pick<LoopStage, "still" | "tone"> {
  return { still: still(name, n), tone: "warning" };
}

function foundStage(counts: Counts): LoopStage {
  const found = counts.discovered + counts.accepted + validatedIn(counts);
  return { ...calm("found", found, "/devices"), still: found === 0 ? still("nothing") : null };
}

function validatedStage(counts: Counts): LoopStage {
  const stage = calm("validated", validatedIn(counts), "/devices");
  if (stage.value > 0) return stage;
  if (counts.accepted > 0) return { ...stage, still: still("validating") };
  return { ...stage, still: still(counts.discovered > 0 ? "accept" : "before") };
}

function collectingStage(counts: Counts, services: PageServices): LoopStage {
  const stage = calm("collecting", counts.online, "/devices?state=online");
  if (counts.silent > 0) return { ...stage, ...limps("silent", counts.silent) };
  if (counts.online > 0) return stage;
  if (services.fleet.binary().state !== "ready") return { ...stage, still: still("telegraf") };
  return { ...stage, still: still(validatedIn(counts) > 0 ? "firstPoints" : "before") };
}

function samplesStage(counts: Counts, services: PageServices): LoopStage {
  const stage = calm("samples", Math.round(services.metrics.rate()), "/system");
  if (stage.value > 0) return stage;
  if (counts.online === 0) return { ...stage, still: still("before") };
  return { ...stage, still: still("noData"), tone: "critical" };
}

function alarmsStage({ critical, warning, info }: { critical: number; warning: number; info: number }): LoopStage {
  const tone = critical > 0 ? "critical" : warning > 0 ? "warning" : "calm";
  return { ...calm("alarms", critical + warning + info, "/record-status"), tone };
}

function validatedIn(counts: Counts): number {
  return counts.validated + counts.deployed + counts.online + counts.silent;
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
