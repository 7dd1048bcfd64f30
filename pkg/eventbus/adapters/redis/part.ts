import type { DomainEvent, EventType } from "#pkg/contracts/events.ts";
import type { LoggedEvent } from "../../tables.ts";
import { createProgress, type Progress } from "../../work/progress.ts";
import type { PartRow } from "./rows.ts";
import type { Delivered } from "./streams.ts";

/** A part of the log that this node consumes for a group, for as long as its lease lasts. */
export interface HeldPart {
  readonly part: number;
  readonly fence: number;
  /** Events up to here come from the table. */
  readonly repeatTo: number;
  readonly progress: Progress;
  /** The lease's end (ms of the lease clock) as it was last renewed. */
  validUntil: number;
  /** Nothing more is read: another node shall have it. */
  releasing: boolean;
  /** Connection (its number) over which all that was handed out before has been read. */
  readyIn: number;
  /** Done, and not yet said to the server. */
  unacknowledged: number[];
}

/** A part as it was claimed. */
export function createPart(row: PartRow): HeldPart {
  const { part, fence, repeatTo, position, leaseUntil } = row;
  const progress = createProgress({ position, acked: new Set() });
  const fresh = { validUntil: leaseUntil, releasing: false, readyIn: -1, unacknowledged: [] };
  return { part, fence, repeatTo, progress, ...fresh };
}

/** Takes in hand what the server delivered; gives what is to be handled. The rest is to be acknowledged at once. */
export function takeDelivered(held: HeldPart, { entries }: Delivered, types: ReadonlySet<EventType>): LoggedEvent[] {
  const taken: LoggedEvent[] = [];
  for (const { seq, text } of entries) {
    const event = text === null ? undefined : (JSON.parse(text) as DomainEvent); // as the relay wrote it
    if (event && types.has(event.type) && held.progress.take(seq)) taken.push({ seq, event, fence: held.fence });
    else if (!held.progress.isInHand(seq)) held.unacknowledged.push(seq);
    held.progress.loadedTo = Math.max(held.progress.loadedTo, seq);
  }
  return taken;
}

/** Takes in hand repeats from the table. */
export function takeRepeats(
  held: HeldPart,
  events: readonly LoggedEvent[],
  types: ReadonlySet<EventType>,
): LoggedEvent[] {
  const wanted = events.filter(({ seq, event }) => types.has(event.type) && held.progress.take(seq));
  return wanted.map((logged) => ({ ...logged, fence: held.fence }));
}
