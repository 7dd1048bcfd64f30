import { afterEach, beforeEach, expect, it } from "vitest";
import { openTestDatabase } from "#test/fixtures/database.ts";
import { trimRecords } from "./retention.ts";
import type { NotificationRow, NotifierTables } from "./tables.ts";

let database: Awaited<ReturnType<typeof openTestDatabase>>;
beforeEach(async () => {
  database = await openTestDatabase();
});
afterEach(() => database.dispose());

function row(id: string, change: Partial<NotificationRow>): NotificationRow {
  return {
    id,
    dedupe_key: id,
    event_id: id,
    alert_id: "a",
    contact_id: "c",
    contact_name: "C",
    channel: "webhook",
    channel_index: 0,
    status: "firing",
    level: "warning",
    state: "sent",
    attempts: "[]",
    attempt_count: 1,
    reason: null,
    message: null,
    created_at: 0,
    updated_at: 0,
    ...change,
  };
}

it("takes out what is old, but not what waits or what an end still needs", async () => {
  const rows = [
    row("1", { alert_id: "ended" }),
    row("2", { alert_id: "ended", status: "resolved" }),
    row("3", { alert_id: "standing" }),
    row("4", { alert_id: "standing", level: "critical" }),
    row("5", { alert_id: "waiting", state: "queued" }),
    row("6", { alert_id: "refused", state: "failed" }),
    row("7", { alert_id: "new", state: "suppressed", created_at: 1000 }),
  ];
  const db = database.sql.db<NotifierTables>();
  await db.insertInto("notifications").values(rows).execute();
  expect(await trimRecords(database.sql, 1000)).toBe(4);
  const left = await db.selectFrom("notifications").select("id").orderBy("id").execute();
  expect(left.map((one) => one.id)).toEqual(["4", "5", "7"]);
});
