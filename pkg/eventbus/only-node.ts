import type { Clock } from "#pkg/clock/port.ts";
import { AppError, messageOf } from "#pkg/errors/errors.ts";
import type { Logger } from "#pkg/logger/port.ts";
import type { SqlClient, Tx } from "#pkg/sql/port.ts";
import { dropLease, leaseMs, takeLease } from "./store/leases.ts";
import type { BusTables } from "./tables.ts";

const name = "embedded";
const renewEveryMs = 2500;

export interface OnlyNodeDeps {
  sql: SqlClient;
  clock: Clock;
  log: Logger;
  /** The same over restarts of this node: what a dead predecessor held is ours at once. */
  instance: string;
  /** For the other node's people: who we are, and where. */
  label: string;
  /** What people should do who want several nodes. */
  instead?: string;
  /** Another node has taken the database, since this one hung for longer than its hold. Called once. */
  onLost?(): void;
}

const overRedis = 'for several nodes choose [bus] adapter = "redis" on each';

/** This node alone works on the database's log. */
export interface OnlyNode {
  /** Whether no other node can be at it: false once the lease ran out (this process hung, or its database did). */
  isHeld(): boolean;
  /** Throws `AppError("unavailable")` when another node may be at it by now. */
  guard(): void;
  close(): Promise<void>;
}

/**
 * Keeps a second node off one database: the embedded bus, for one, knows only what its own process commits. A node that
 * dies loses the lease after 10 s. Throws `AppError("conflict")` naming the other node.
 */
export async function openOnlyNode(deps: OnlyNodeDeps): Promise<OnlyNode> {
  const { sql, clock, log, instance, label, instead = overRedis, onLost } = deps;
  let heldUntil = 0;
  let closed = false;
  let cancel = () => {};
  const isHeld = () => clock.now() < heldUntil;
  const renew = async () => {
    const nowMs = clock.now();
    const lease = { name, holder: instance, label, lease_until: nowMs + leaseMs };
    await sql.transaction(async (tx) => {
      let other: Holder | undefined = await takeLease(tx, lease, nowMs);
      // While ours has not run out, a member is one that hung before we came, and woke: it is that one that has to go.
      if (!isHeld()) other ??= await findMember(tx, instance, nowMs);
      if (other) throw refusal(other, nowMs, instead);
    });
    heldUntil = lease.lease_until;
  };
  await renew();
  const schedule = () => {
    cancel = clock.after(renewEveryMs, () => {
      renew()
        .catch((error: unknown) => {
          log.error({ error: messageOf(error) }, "this node may lose its database to another");
          if (onLost === undefined || !isTaken(error)) return;
          closed = true;
          onLost();
        })
        .finally(() => closed || schedule());
    });
  };
  schedule();
  return {
    isHeld,
    guard() {
      if (isHeld()) return;
      throw new AppError("unavailable", {
        at: "event bus",
        message: "this node could not renew its hold on the event log, another may have taken it",
        mend: `look whether the database answers; ${instead}`,
        retryAfterS: 5,
      });
    },
    async close() {
      closed = true;
      cancel();
      await sql.transaction((tx) => dropLease(tx, name, instance));
    },
  };
}

/** Another node, and until when. */
type Holder = Pick<BusTables["bus_members"], "label" | "lease_until">;

/** A node that works on this log over Redis. */
async function findMember(tx: Tx, instance: string, nowMs: number): Promise<Holder | undefined> {
  const members = tx.db<BusTables>().selectFrom("bus_members").selectAll().where("holder", "!=", instance);
  return members.where("lease_until", ">", nowMs).limit(1).executeTakeFirst();
}

const isTaken = (error: unknown) => error instanceof AppError && error.code === "conflict";

function refusal({ label, lease_until }: Holder, nowMs: number, instead: string): AppError {
  const restS = Math.max(1, Math.ceil((lease_until - nowMs) / 1000));
  return new AppError("conflict", {
    at: "[bus] adapter",
    message: `another node works on this database: ${label}`,
    mend: `${instead}; should that one be dead, start again in ${restS} s`,
  });
}
