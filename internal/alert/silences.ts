import { v7 } from "uuid";
import type { Audit } from "#pkg/audit/port.ts";
import type { Clock } from "#pkg/clock/port.ts";
import { AppError } from "#pkg/errors/errors.ts";
import type { Outbox } from "#pkg/eventbus/port.ts";
import type { SqlClient } from "#pkg/sql/port.ts";
import type { Silence, Silences } from "./contract.ts";
import { refreshCovers } from "./covers.ts";
import { toSilence } from "./rows.ts";
import { checkSilence } from "./silence-check.ts";
import type { AlertTables } from "./tables.ts";

export interface SilencesDeps {
  sql: SqlClient;
  outbox: Outbox;
  clock: Clock;
  audit: Pick<Audit, "record">;
}

/**
 * Silences: alerts that match still happen, nobody is told. `tick` is called every second or so; it covers when a
 * silence begins and uncovers when one ends.
 */
export function createSilences({ sql, outbox, clock, audit }: SilencesDeps): Silences & { tick(): Promise<void> } {
  /** Ids of the silences that held when covers were brought up to date; undefined until the first time. */
  let held: string | undefined;
  const readHeld = async () => {
    const nowMs = clock.now();
    const rows = await sql
      .db<AlertTables>()
      .selectFrom("silence")
      .select("id")
      .where("until", ">", nowMs)
      .where("starts_at", "<=", nowMs)
      .orderBy("id")
      .execute();
    return rows.map((row) => row.id).join();
  };

  return {
    async create(wish, by) {
      const silence = { id: v7(), ...checkSilence(wish, clock.now()), by, createdAt: clock.now() };
      await sql.transaction(async (tx) => {
        await tx.db<AlertTables>().insertInto("silence").values(toRow(silence)).execute();
        await refreshCovers(tx, outbox, clock.now(), by);
        const target = `silence ${silence.id}`;
        await audit.record({ by, action: "silence.create", target, before: null, after: silence }, tx);
      });
      return silence;
    },
    async expire(id, by) {
      await sql.transaction(async (tx) => {
        const row = await tx
          .db<AlertTables>()
          .selectFrom("silence")
          .selectAll()
          .where("id", "=", id)
          .executeTakeFirst();
        if (!row) throw unknownSilence(id);
        const until = Math.min(row.until, clock.now());
        await tx.db<AlertTables>().updateTable("silence").set({ until }).where("id", "=", id).execute();
        await refreshCovers(tx, outbox, clock.now(), by);
        const entry = { by, action: "silence.expire", target: `silence ${id}`, before: toSilence(row), after: null };
        await audit.record(entry, tx);
      });
    },
    async list(scope) {
      const select = sql.db<AlertTables>().selectFrom("silence").selectAll().orderBy("id", "desc").limit(maxListed);
      const rows = await (scope === "active" ? select.where("until", ">", clock.now()) : select).execute();
      return rows.map(toSilence);
    },
    async tick() {
      const now = await readHeld();
      if (now === held) return;
      await sql.transaction((tx) => refreshCovers(tx, outbox, clock.now(), "silence"));
      held = now;
    },
  };
}

const maxListed = 1000;

function toRow(silence: Silence): AlertTables["silence"] {
  return {
    id: silence.id,
    matchers: JSON.stringify(silence.matchers),
    starts_at: silence.startsAt,
    until: silence.until,
    reason: silence.reason,
    by_whom: silence.by,
    created_at: silence.createdAt,
  };
}

function unknownSilence(id: string): AppError {
  return new AppError("not_found", {
    at: `silence ${id}`,
    message: "there is no such silence",
    mend: "take an id from GET /api/v1/silences",
  });
}
