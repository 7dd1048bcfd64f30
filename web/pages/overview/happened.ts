import type { AlertLevel } from "#pkg/contracts/alerting.ts";
import type { DomainEvent } from "#pkg/contracts/events.ts";

/** One line of "what happened": one event, or several of a kind that came together. */
export interface EventRow {
  id: string;
  at: number;
  /** Key of the words for it, with what fills them. */
  text: string;
  values: Readonly<Record<string, string | number>>;
  /** Values that are words themselves, as keys: levels, states, kinds of change. */
  words: Readonly<Record<string, string>>;
  href: string | null;
  level: AlertLevel | null;
  /** It is over: its level is told without colour. */
  over: boolean;
}

/** Events of the same kind this close together are told in one line. */
const togetherMs = 60_000;

/** The newest lines first, at most `most`; `events` come newest first. */
export function toEventRows(events: readonly DomainEvent[], most: number): EventRow[] {
  const groups: { kind: string; events: DomainEvent[] }[] = [];
  for (const event of events) {
    const kind = kindOf(event);
    const group = groups.find((one) => one.kind === kind && (one.events[0]?.at ?? 0) - event.at < togetherMs);
    if (group !== undefined && kind !== "") group.events.push(event);
    else groups.push({ kind, events: [event] });
  }
  return groups
    .slice(0, most)
    .flatMap(({ events: [first, ...rest] }) => (first === undefined ? [] : [toRow(first, rest.length + 1)]));
}

/** What makes two events one line; empty for those that always stand alone. */
function kindOf({ type, data }: DomainEvent): string {
  if (type === "device.changed" && "from" in data) return `${type} ${data.from} ${data.to}`;
  if ((type === "alert.opened" || type === "alert.closed") && "ruleName" in data) return `${type} ${data.ruleName}`;
  return type === "device.discovered" || type === "device.accepted" || type === "notification.sent" ? type : "";
}

function toRow(event: DomainEvent, n: number): EventRow {
  const data: Readonly<Record<string, unknown>> = { ...event.data };
  const values = Object.fromEntries(Object.entries(data).map(([key, value]) => [key, toText(value)]));
  const level = data["level"];
  const text = textOf(event.type, values);
  return {
    id: event.id,
    at: event.at,
    text: n > 1 ? `${text}.many` : text,
    values: { ...values, where: whereOf(data), n },
    words: wordsIn(event.type, values),
    href: n > 1 ? listOf(data) : linkOf(data),
    level: level === "info" || level === "warning" || level === "critical" ? level : null,
    over: event.type === "alert.closed" || event.type === "alert.acknowledged",
  };
}

/** A device whose tags, readings or pause were changed goes from a state to the same one. */
function textOf(type: DomainEvent["type"], { from, to }: Readonly<Record<string, string>>): string {
  return type === "device.changed" && from === to ? "event.device.edited" : `event.${type}`;
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

/** The list that holds what one line tells of. */
function listOf(data: Readonly<Record<string, unknown>>): string {
  if ("deviceId" in data) return "/devices";
  return "notificationId" in data ? "/people" : "/record-status";
}

function linkOf(data: Readonly<Record<string, unknown>>): string | null {
  const places = [
    ["alertId", "/alerts/"],
    ["rolloutId", "/rollouts/"],
    ["ruleId", "/rules/"],
    ["deviceId", "/devices/"],
  ] as const;
  if ("notificationId" in data) return "/people";
  const found = places.find(([key]) => typeof data[key] === "string");
  return found === undefined ? null : found[1] + encodeURIComponent(String(data[found[0]]));
}
