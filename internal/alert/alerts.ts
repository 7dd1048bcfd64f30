import type { Audit } from "#pkg/audit/port.ts";
import type { Clock } from "#pkg/clock/port.ts";
import type { Outbox } from "#pkg/eventbus/port.ts";
import type { SqlClient } from "#pkg/sql/port.ts";
import { acknowledgeAlert } from "./acknowledge.ts";
import { applyJudgements } from "./apply.ts";
import type { Alerts } from "./contract.ts";
import { countAlerts, listAlerts, readTimeline } from "./queries.ts";
import { toAlert } from "./rows.ts";
import type { AlertTables } from "./tables.ts";

export interface AlertsDeps {
  sql: SqlClient;
  outbox: Outbox;
  clock: Clock;
  audit: Pick<Audit, "record">;
}

/** The life of alerts: what rules judged becomes records, a timeline and events. Keeps nothing in memory. */
export function createAlerts({ sql, outbox, clock, audit }: AlertsDeps): Alerts {
  return {
    apply: (tx, judgements) => applyJudgements(tx, outbox, judgements, clock.now()),
    async get(id) {
      const row = await sql.db<AlertTables>().selectFrom("alert").selectAll().where("id", "=", id).executeTakeFirst();
      return row && toAlert(row);
    },
    list: (query) => listAlerts(sql, query),
    counts: () => countAlerts(sql),
    timeline: (id) => readTimeline(sql, id),
    async acknowledge(id, by, comment) {
      const acknowledging = { id, by, comment, nowMs: clock.now() };
      return sql.transaction(async (tx) => {
        const { alert, changed } = await acknowledgeAlert(tx, outbox, acknowledging);
        const after = { acknowledgement: alert.acknowledgement, comment };
        const entry = { by, action: "alert.acknowledge", target: `alert ${id}`, before: null, after };
        if (changed) await audit.record(entry, tx);
        return alert;
      });
    },
  };
}
