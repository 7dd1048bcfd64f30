import type { Audit } from "#pkg/audit/port.ts";
import type { NewEvent } from "#pkg/contracts/events.ts";
import type { Outbox } from "#pkg/eventbus/port.ts";
import type { SqlClient, Tx } from "#pkg/sql/port.ts";
import type { Rollout } from "../contract.ts";
import type { RolloutTables } from "./tables.ts";

/** What asked for a rollout, as the audit log names it; `recover`: the start after a kill ended it. */
export type RolloutAction = "rollout.apply" | "rollout.rollback" | "rollout.restore" | "rollout.recover";

/** Every rollout that was ever tried. An ended one, its event and its audit entry are written together. */
export interface Ledger {
  /** Inserts or replaces the record of one under way. */
  save(rollout: Rollout): Promise<void>;
  /** Its last record. */
  end(rollout: Rollout, action: RolloutAction): Promise<void>;
  get(id: string): Promise<Rollout | undefined>;
  /** Newest first. */
  list(limit: number): Promise<Rollout[]>;
  /** Those that a killed node left in the middle. */
  unfinished(): Promise<Rollout[]>;
}

export interface LedgerDeps {
  sql: SqlClient;
  outbox: Outbox;
  audit: Pick<Audit, "record">;
}

/** The ledger in the database. */
export function createLedger({ sql, outbox, audit }: LedgerDeps): Ledger {
  const db = () => sql.db<RolloutTables>();
  const read = (rows: readonly { record: string }[]) => rows.map(toRollout);
  return {
    save: (rollout) => sql.transaction((tx) => replace(tx, rollout)),
    end: (rollout, action) =>
      sql.transaction(async (tx) => {
        await replace(tx, rollout);
        outbox.add(tx, toEvents(rollout));
        const { by, unitId: target, state, added, removed } = rollout;
        await audit.record({ by, action, target, before: null, after: { state, added, removed } }, tx);
      }),
    async get(id) {
      return read(await db().selectFrom("rollouts").select("record").where("id", "=", id).execute())[0];
    },
    async list(limit) {
      const query = db().selectFrom("rollouts").select("record").orderBy("started_at", "desc").orderBy("id", "desc");
      return read(await query.limit(limit).execute());
    },
    async unfinished() {
      const query = db().selectFrom("rollouts").select("record").where("ended_at", "is", null).orderBy("started_at");
      return read(await query.execute());
    },
  };
}

async function replace(tx: Tx, rollout: Rollout): Promise<void> {
  const db = tx.db<RolloutTables>();
  await db.deleteFrom("rollouts").where("id", "=", rollout.id).execute();
  await db.insertInto("rollouts").values(toRow(rollout)).execute();
}

function toRow(rollout: Rollout): RolloutTables["rollouts"] {
  return {
    id: rollout.id,
    unit_id: rollout.unitId,
    state: rollout.state,
    record: JSON.stringify(rollout),
    started_at: rollout.startedAt,
    ended_at: rollout.endedAt,
  };
}

function toRollout({ record }: { record: string }): Rollout {
  return JSON.parse(record) as Rollout; // written by toRow only
}

function toEvents(rollout: Rollout): NewEvent[] {
  const { id: rolloutId, unitId, state } = rollout;
  const detail = rollout.detail ?? "";
  if (state === "applied") {
    return [{ type: "rollout.applied", key: unitId, data: { rolloutId, unitId, deviceKeys: [...rollout.devices] } }];
  }
  const type = state === "rolled_back" ? "rollout.rolled_back" : "rollout.failed";
  return [{ type, key: unitId, data: { rolloutId, unitId, detail } }];
}
