import { sql } from "kysely";
import { AppError } from "#pkg/errors/errors.ts";
import type { SqlClient } from "#pkg/sql/port.ts";
import type { Alert, AlertQuery, AlertTimelineEntry } from "./contract.ts";
import { toAlert } from "./rows.ts";
import type { AlertTables } from "./tables.ts";

const defaultLimit = 100;
/** Largest page. */
export const maxLimit = 1000;

/** One page, newest first; `next` is the id to go on from. */
export async function listAlerts(
  client: SqlClient,
  query: AlertQuery,
): Promise<{ items: Alert[]; next: string | null }> {
  const limit = Math.min(Math.max(query.limit ?? defaultLimit, 1), maxLimit);
  let select = inScope(client, query.scope ?? "open");
  if (query.level) select = select.where("level", "=", query.level);
  if (query.ruleId) select = select.where("rule_id", "=", query.ruleId);
  if (query.cursor) select = select.where("id", "<", query.cursor);
  for (const [name, value] of Object.entries(query.labels ?? {})) {
    // Inside a JSON text every quote is escaped, so this pair can only be found as a whole pair.
    const pair = `${JSON.stringify(name)}:${JSON.stringify(value)}`;
    select = select.where(sql<number>`instr(labels, ${pair})`, ">", 0);
  }
  if (query.search) {
    const wanted = JSON.stringify(query.search.toLowerCase()).slice(1, -1);
    select = select.where(sql<number>`instr(lower(labels), ${wanted})`, ">", 0);
  }
  const rows = await select
    .orderBy("id", "desc")
    .limit(limit + 1)
    .execute();
  const items = rows.slice(0, limit).map(toAlert);
  return { items, next: rows.length > limit ? (items.at(-1)?.id ?? null) : null };
}

function inScope(client: SqlClient, scope: NonNullable<AlertQuery["scope"]>) {
  const select = client.db<AlertTables>().selectFrom("alert").selectAll();
  if (scope === "firing") return select.where("ended_at", "is", null);
  if (scope === "ended") return select.where("ended_at", "is not", null);
  if (scope === "all") return select;
  return select.where((build) =>
    build.or([build("ended_at", "is", null), build("acknowledgement", "=", "unacknowledged")]),
  );
}

/** Throws `AppError("not_found")`. */
export async function readTimeline(client: SqlClient, id: string): Promise<AlertTimelineEntry[]> {
  const db = client.db<AlertTables>();
  const known = await db.selectFrom("alert").select("id").where("id", "=", id).executeTakeFirst();
  if (!known) throw unknownAlert(id);
  const rows = await db.selectFrom("alert_timeline").selectAll().where("alert_id", "=", id).orderBy("id").execute();
  return rows.map((row) => ({
    at: row.at,
    change: row.change_kind,
    from: row.was,
    to: row.became,
    by: row.by_whom,
    value: row.value,
    reason: row.reason,
  }));
}

/** Alerts that have not ended by level, and how many of all nobody has acknowledged. */
export async function countAlerts(
  client: SqlClient,
): Promise<{ info: number; warning: number; critical: number; unacknowledged: number }> {
  const db = client.db<AlertTables>();
  const levels = await db
    .selectFrom("alert")
    .select(["level", (build) => build.fn.countAll<number>().as("count")])
    .where("ended_at", "is", null)
    .groupBy("level")
    .execute();
  const unseen = await db
    .selectFrom("alert")
    .select((build) => build.fn.countAll<number>().as("count"))
    .where("acknowledgement", "=", "unacknowledged")
    .executeTakeFirst();
  const counts = { info: 0, warning: 0, critical: 0, unacknowledged: Number(unseen?.count ?? 0) };
  for (const { level, count } of levels) counts[level] = Number(count);
  return counts;
}

export function unknownAlert(id: string): AppError {
  return new AppError("not_found", {
    at: `alert ${id}`,
    message: "there is no such alert",
    mend: "take an id from GET /api/v1/alerts",
  });
}
