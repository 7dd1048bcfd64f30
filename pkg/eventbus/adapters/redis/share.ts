import type { Tx } from "#pkg/sql/port.ts";
import { readAttempts, writePosition, writeWork } from "../../store/groups.ts";
import type { RedisGroup } from "./group.ts";
import { type Plan, planParts } from "./plan.ts";
import { countMembers, endMember, readOrMakeGroup, writeMember, writePart } from "./rows.ts";

export interface ShareInput {
  holder: string;
  label: string;
  nowMs: number;
  untilMs: number;
  /** Whether leases are renewed now also where nothing has changed. */
  renew: boolean;
}

/** What a look at one group's rows has led to; `apply` once it is committed. */
export interface Shared {
  apply(): void;
}

/** Shares out one group's parts: writes positions, renews, claims and gives back leases, all in one transaction. */
export async function shareGroup(
  tx: Tx,
  group: RedisGroup,
  { holder, label, ...at }: ShareInput,
  begin: (name: string) => void,
): Promise<Shared> {
  const { name } = group;
  if (group.isClosing()) await endMember(tx, name, holder, at.nowMs);
  else if (at.renew) await writeMember(tx, { group_name: name, holder, label, lease_until: at.untilMs });
  const row = await readOrMakeGroup(tx, name, group.startAt, at.nowMs);
  const members = await countMembers(tx, name, at.nowMs);
  begin(name);
  const plan = planParts({ ...at, row, held: group.parts, me: holder, members, closing: group.isClosing() });
  for (const part of plan.writes) await writePart(tx, name, part);
  const { types } = group.subscriber;
  if (plan.position !== row.position || at.renew) {
    await writePosition(tx, { name, types, position: plan.position }, at.nowMs);
  }
  const work = group.ledger.take();
  if (!group.ledger.isEmpty()) await writeWork(tx, name, work.change);
  const attempts = plan.claimed.length > 0 ? await readAttempts(tx, name) : new Map<number, number>();
  return {
    apply() {
      work.written();
      group.ledger.learn(attempts);
      group.ledger.passed(plan.position);
      applyPlan(group, plan, at.untilMs);
    },
  };
}

function applyPlan(group: RedisGroup, { lost, given, claimed, renewed, surplus }: Plan, untilMs: number): void {
  for (const part of [...lost, ...given]) group.drop(part);
  for (const part of renewed) {
    const held = group.parts.get(part);
    if (held) held.validUntil = untilMs;
  }
  for (const part of surplus) {
    const held = group.parts.get(part);
    if (held) held.releasing = true;
  }
  for (const row of claimed) group.hold(row);
}
