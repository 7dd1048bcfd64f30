import type { DeadLetter, GroupStatus } from "#pkg/eventbus/port.ts";
import { type Part, part } from "../../components/part.ts";
import type { PageRequest } from "../../page.ts";
import type { PageServices, SiteFacts } from "../../services.ts";

export interface EventsData {
  groups: Part<{ groups: readonly GroupStatus[]; bound: number }>;
  letters: Part<{ rows: readonly DeadLetterRow[]; total: number }>;
  transport: Part<{ adapter: SiteFacts["adapters"]["bus"]; fault: { detail: string; sinceMs: number } | null }>;
  mayAct: boolean;
}

export interface DeadLetterRow extends Pick<DeadLetter, "group" | "error" | "attempts" | "at" | "resentAt"> {
  id: string;
  type: string;
  key: string;
}

/** So many dead letters are shown; 10,000 may lie there. */
const mostRows = 100;

/** Who handles events, how far behind he is, and what he would not take. */
export async function eventsData(request: PageRequest, { bus, site }: PageServices): Promise<EventsData> {
  const [groups, letters, transport] = await Promise.all([
    part(async () => ({ groups: await bus.groups(), bound: (await bus.lag()).bound })),
    part(async () => {
      const all = await bus.deadLetters();
      return { rows: all.slice(-mostRows).toReversed().map(toRow), total: all.length };
    }),
    part(() => ({ adapter: site().adapters.bus, fault: bus.fault() ?? null })),
  ]);
  return { groups, letters, transport, mayAct: request.may("engineer") };
}

function toRow({ event, group, error, attempts, at, resentAt }: DeadLetter): DeadLetterRow {
  return { id: event.id, type: event.type, key: event.key, group, error, attempts, at, resentAt };
}
