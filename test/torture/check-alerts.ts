import type { Change } from "../integration/judging-reference.ts";
import type { TailedEvent } from "./event-tail.ts";
import type { Victim } from "./node.ts";
import { type Heard, toName } from "./receiver.ts";

interface AlertRecord {
  id: string;
  labels: Record<string, string>;
  level: string;
  condition_state: string;
  acknowledgement: string;
  started_at: string;
  ended_at: string | null;
  updated_at: string;
}
interface TimelineRow {
  at: string;
  change: string;
  from: string | null;
  to: string | null;
  value: number | null;
}

/** All alerts of a node with their timelines; what has not changed since the last look is not fetched again. */
export interface AlertBook {
  read(victim: Victim): Promise<ReadonlyMap<string, { alert: AlertRecord; timeline: TimelineRow[] }>>;
}

export function createAlertBook(): AlertBook {
  const known = new Map<string, { alert: AlertRecord; timeline: TimelineRow[] }>();
  return {
    async read(victim) {
      const seen = new Set<string>();
      for (let cursor = ""; ; ) {
        const page = (await victim.api("GET", `/api/v1/alerts?scope=all&limit=1000${cursor}`)).body;
        for (const alert of page.items as AlertRecord[]) {
          seen.add(alert.id);
          if (JSON.stringify(known.get(alert.id)?.alert) === JSON.stringify(alert)) continue;
          const timeline = (await victim.api("GET", `/api/v1/alerts/${alert.id}/timeline`)).body.items;
          known.set(alert.id, { alert, timeline });
        }
        if (page.next === null) break;
        cursor = `&cursor=${page.next}`;
      }
      for (const id of known.keys()) if (!seen.has(id)) known.delete(id);
      return known;
    },
  };
}

const toWord: Record<string, string> = { opened: "opened", level: "level_changed", closed: "closed" };
const toText = (what: string, level: string | null | undefined, atMs: number, value: number | null) =>
  `${what} ${level ?? ""} at ${atMs} with ${value}`;

/** Each alert that the samples mean is there once, with the right changes at the right times, and stands as it should. */
export function compareAlerts(
  expected: ReadonlyMap<string, readonly Change[]>,
  found: Awaited<ReturnType<AlertBook["read"]>>,
): string[] {
  const byName = new Map<string, { alert: AlertRecord; timeline: TimelineRow[] }[]>();
  for (const one of [...found.values()].sort((a, b) => (a.alert.id < b.alert.id ? -1 : 1))) {
    const name = toName(one.alert.labels);
    byName.set(name, [...(byName.get(name) ?? []), one]);
  }
  const wrong: string[] = [];
  for (const name of byName.keys()) if (!expected.has(name)) wrong.push(`alert ${name}: no sample means it`);
  for (const [name, changes] of expected) {
    const records = byName.get(name) ?? [];
    const has = records.flatMap(({ timeline }) =>
      timeline
        .filter(({ change }) => toWord[change] !== undefined)
        .map(({ change, to, at, value }) =>
          toText(toWord[change] ?? "", change === "closed" ? "" : to, Date.parse(at), value),
        ),
    );
    const wants = changes.map(({ what, to, atMs, value }) => toText(what, to, atMs, value));
    wrong.push(...compareLists(`alert ${name}`, wants, has), ...compareStanding(name, changes, records));
  }
  return wrong;
}

function compareStanding(
  name: string,
  changes: readonly Change[],
  records: readonly { alert: AlertRecord }[],
): string[] {
  const last = changes.at(-1);
  const wrong: string[] = [];
  records.forEach(({ alert }, i) => {
    const isLast = i === records.length - 1;
    const isOpen = isLast && last?.what !== "closed";
    if (isOpen !== (alert.ended_at === null))
      wrong.push(`alert ${name}: record ${alert.id} ended at ${alert.ended_at}`);
    if (isOpen && alert.level !== last?.to) wrong.push(`alert ${name}: is ${alert.level}, not ${last?.to}`);
    if (isLast && !isOpen && Date.parse(alert.ended_at ?? "") !== last?.atMs) {
      wrong.push(`alert ${name}: ended at ${alert.ended_at}, not ${last?.atMs}`);
    }
    if (!isOpen && alert.condition_state !== "normal")
      wrong.push(`alert ${name}: is ${alert.condition_state}, not normal`);
  });
  return wrong;
}

/** Where two lists that should be the same part. */
export function compareLists(name: string, wants: readonly string[], has: readonly string[]): string[] {
  const at = wants.findIndex((text, i) => text !== has[i]);
  if (at < 0 && wants.length === has.length) return [];
  const place = at < 0 ? wants.length : at;
  return [
    `${name}: number ${place + 1} of ${wants.length} should be "${wants[place] ?? "no more"}", is "${has[place] ?? "missing"}" (of ${has.length})`,
  ];
}

/** The receiver heard every change in its order, and what it heard again came under the delivery it had come under. */
export function compareHeard(expected: ReadonlyMap<string, readonly Change[]>, heard: readonly Heard[]): string[] {
  const wrong: string[] = [];
  const deliveries = new Map<string, Heard>();
  const byName = new Map<string, string[]>();
  for (const one of heard) {
    const before = deliveries.get(one.delivery);
    if (before && before.body !== one.body)
      wrong.push(`delivery ${one.delivery} came again with another body: ${before.body} and ${one.body}`);
    if (before) continue;
    deliveries.set(one.delivery, one);
    byName.set(one.name, [...(byName.get(one.name) ?? []), one.says]);
  }
  for (const name of byName.keys()) if (!expected.has(name)) wrong.push(`notification of ${name}: no sample means it`);
  for (const [name, changes] of expected) {
    wrong.push(...compareLists(`notification of ${name}`, changes.map(toSaid), byName.get(name) ?? []));
  }
  return wrong;
}

function toSaid({ what, from, to }: Change): string {
  if (what === "opened") return `firing ${to}`;
  return what === "closed" ? `resolved ${from}` : `resolved ${from}, firing ${to}`;
}

/** The events of each alert are there in order, none twice. */
export function compareEvents(
  expected: ReadonlyMap<string, readonly Change[]>,
  events: readonly TailedEvent[],
): string[] {
  const wrong: string[] = [];
  const seen = new Set<string>();
  const byName = new Map<string, string[]>();
  for (const { id, type, data } of events) {
    if (seen.has(id)) wrong.push(`event ${id} came twice`);
    seen.add(id);
    if (!/^alert\.(opened|level_changed|closed)$/.test(type)) continue;
    const name = toName(data.labels ?? {});
    byName.set(name, [...(byName.get(name) ?? []), `${type.slice(6)} ${data.level} ${data.value}`]);
  }
  for (const name of byName.keys()) if (!expected.has(name)) wrong.push(`events of ${name}: no sample means them`);
  for (const [name, changes] of expected) {
    const wants = changes.map(({ what, from, to, value }) => `${what} ${to ?? from} ${value}`);
    wrong.push(...compareLists(`events of ${name}`, wants, byName.get(name) ?? []));
  }
  return wrong;
}
