import { partCount } from "../../parts.ts";
import type { HeldPart } from "./part.ts";
import type { GroupRow, PartRow } from "./rows.ts";

/** What a look at a group's rows leads to. */
export interface Plan {
  /** Rows to be written: positions, leases renewed, claimed and given back. */
  writes: PartRow[];
  claimed: PartRow[];
  renewed: number[];
  /** Held no more: taken by another, set back, or run out. */
  lost: number[];
  given: number[];
  /** One of those held that shall be given back once it is empty: another node has less than its share. */
  surplus: number[];
  /** Position of the whole group. */
  position: number;
}

export interface PlanInput {
  row: GroupRow;
  held: ReadonlyMap<number, HeldPart>;
  me: string;
  /** Nodes that take part in the group, this one included. */
  members: number;
  closing: boolean;
  /** Whether leases are renewed now also where nothing has changed. */
  renew: boolean;
  nowMs: number;
  untilMs: number;
}

/** Which parts a node keeps, takes and gives back: an equal share for each node, free parts to whoever comes first. */
export function planParts(input: PlanInput): Plan {
  const { row, held, me, members, closing, nowMs, untilMs } = input;
  const plan: Plan = { writes: [], claimed: [], renewed: [], lost: [], given: [], surplus: [], position: 0 };
  const share = closing ? 0 : Math.ceil(partCount / Math.max(1, members));
  const kept: HeldPart[] = [];
  const free: PartRow[] = [];
  const positions: number[] = [];
  for (const part of row.parts) {
    const mine = held.get(part.part);
    const isValid = mine && part.holder === me && part.fence === mine.fence && mine.validUntil > nowMs;
    if (mine && !isValid) plan.lost.push(part.part);
    const position = Math.max(part.position, isValid ? mine.progress.position() : row.position);
    positions.push(isValid ? position : part.position);
    if (isValid) keep({ ...part, position }, part, mine);
    else if (part.holder === null || part.holder === me || part.leaseUntil <= nowMs) free.push({ ...part, position });
  }
  for (const part of closing ? [] : free.slice(0, Math.max(0, share - kept.length))) {
    const claimed = { ...part, holder: me, fence: part.fence + 1, leaseUntil: untilMs };
    plan.claimed.push(claimed);
    plan.writes.push(claimed);
  }
  plan.surplus = kept.slice(share).map(({ part }) => part);
  plan.position = Math.min(...positions);
  return plan;

  function keep(next: PartRow, before: PartRow, mine: HeldPart): void {
    if (closing || (mine.releasing && mine.progress.inHand() === 0)) {
      plan.given.push(mine.part);
      plan.writes.push({ ...next, holder: null, leaseUntil: 0 });
      return;
    }
    kept.push(mine);
    if (!input.renew && next.position === before.position) return;
    plan.renewed.push(mine.part);
    plan.writes.push({ ...next, leaseUntil: untilMs });
  }
}
