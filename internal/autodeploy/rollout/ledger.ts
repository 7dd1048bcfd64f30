import type { NewEvent } from "#pkg/contracts/events.ts";
import type { Outbox } from "#pkg/eventbus/port.ts";
import type { SqlClient } from "#pkg/sql/port.ts";
import type { Rollout } from "../contract.ts";
import type { RolloutTables } from "./tables.ts";

/** Every rollout that was ever tried. An ended one and its event are written together. */
export interface Ledger {
  /** Inserts or replaces the record. */
  save(rollout: Rollout): Promise<void>;
  get(id: string): Promise<Rollout | undefined>;
  /** Newest first. */
  list(limit: number): Promise<Rollout[]>;
  /** Those that a killed node left in the middle. */
  unfinished(): Promise<Rollout[]>;
}

/** The ledger in the database. */
export function createLedger({ sql, outbox }: { sql: SqlClient; outbox: Outbox }): Ledger {
  const db = () => sql.db<RolloutTables>();
  const read = (rows: readonly { record: string }[]) => rows.map(toRollout);
  return {
    save: (rollout) =>
      sql.transaction(async (tx) => {
        const row = toRow(rollout);
        const trx = tx.db<RolloutTables>();
        await trx.deleteFrom("rollouts").where("id", "=", rollout.id).execute();
        await trx.insertInto("rollouts").values(row).execute();
        outbox.add(tx, toEvents(rollout));
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
  if (rollout.endedAt === null) return [];
  const { id: rolloutId, unitId, state } = rollout;
  const detail = rollout.detail ?? "";
  if (state === "applied") {
    return [{ type: "rollout.applied", key: unitId, data: { rolloutId, unitId, deviceKeys: [...rollout.devices] } }];
  }
  const type = state === "rolled_back" ? "rollout.rolled_back" : "rollout.failed";
  return [{ type, key: unitId, data: { rolloutId, unitId, detail } }];
}
