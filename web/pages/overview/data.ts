import type { Alert } from "#internal/alert/contract.ts";
import type { DomainEvent } from "#pkg/contracts/events.ts";
import { type AlertRow, toAlertRow } from "../../components/alert-rows.ts";
import { type Part, part } from "../../components/part.ts";
import type { PageRequest } from "../../page.ts";
import type { PageServices } from "../../services.ts";
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

export interface EventRow {
  id: string;
  at: number;
  /** Key of the words for it, with what fills them. */
  text: string;
  values: Readonly<Record<string, string>>;
  /** Values that are words themselves, as keys: levels, states, kinds of change. */
  words: Readonly<Record<string, string>>;
  href: string | null;
  level: Alert["level"] | null;
}

/** What one sees first: the loop, what is done now, what is wrong, what happened. */
export async function overviewData(request: PageRequest, services: PageServices): Promise<OverviewData> {
  const [loop, doing, wrong, guide] = await Promise.all([
    part(() => loopStages(services, request.now)),
    part(() => whatIsDone(services)),
    part(async () =>
      (await services.alerts.list({ scope: "open", limit: 8 })).items.map((alert) => toAlertRow(alert, request)),
    ),
    part(() => guideSteps(services)),
  ]);
  const happened = await part(() => services.recentEvents(12).map(toEventRow));
  return { loop, doing, wrong, happened, guide };
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

function toEventRow(event: DomainEvent): EventRow {
  const data: Readonly<Record<string, unknown>> = { ...event.data };
  const values = Object.fromEntries(Object.entries(data).map(([key, value]) => [key, toText(value)]));
  const level = data["level"];
  return {
    id: event.id,
    at: event.at,
    text: `event.${event.type}`,
    values: { ...values, where: whereOf(data) },
    words: wordsIn(event.type, values),
    href: linkOf(data),
    level: level === "info" || level === "warning" || level === "critical" ? level : null,
  };
}

function wordsIn(type: DomainEvent["type"], values: Readonly<Record<string, string>>): Record<string, string> {
  const { from, to, change, fromLevel } = values;
  if (type === "device.changed") return { from: `device.${from}`, to: `device.${to}` };
  if (type === "health.changed") return { from: `health.${from}`, to: `health.${to}` };
  if (type === "rule.changed") return { change: `change.${change}` };
  return type === "alert.level_changed" ? { fromLevel: `level.${fromLevel}` } : {};
}

function toText(value: unknown): string {
  if (Array.isArray(value)) return String(value.length);
  return typeof value === "string" || typeof value === "number" ? String(value) : "";
}

function whereOf(data: Readonly<Record<string, unknown>>): string {
  const labels = data["labels"];
  if (typeof labels !== "object" || labels === null) return "";
  const { name, device, unit, part } = labels as Record<string, string | undefined>; // labels are text by contract
  return name ?? device ?? unit ?? part ?? "";
}

function linkOf(data: Readonly<Record<string, unknown>>): string | null {
  const places = [
    ["alertId", "/alerts/"],
    ["rolloutId", "/rollouts/"],
    ["ruleId", "/rules/"],
    ["deviceId", "/devices/"],
  ] as const;
  const found = places.find(([key]) => typeof data[key] === "string");
  if (found !== undefined) return found[1] + encodeURIComponent(String(data[found[0]]));
  return "notificationId" in data ? "/people" : null;
}
