import type { Clock } from "#pkg/clock/port.ts";
import type { NewEvent } from "#pkg/contracts/events.ts";
import { AppError } from "#pkg/errors/errors.ts";
import type { Outbox } from "#pkg/eventbus/port.ts";
import type { Logger } from "#pkg/logger/port.ts";
import type { SqlClient } from "#pkg/sql/port.ts";
import { channelOf, type Delivery, type Told } from "./delivery.ts";
import { type NotifierTables, toDelivery, toLevel, toRow } from "./tables.ts";

/** Messages on disk. A resolved promise means: committed. */
export interface NotificationStore {
  /** Whether this event has been turned into messages already. */
  knows(eventId: string): Promise<boolean>;
  insert(deliveries: readonly Delivery[]): Promise<void>;
  /** State, attempts and reason; `notification.sent` or `.failed` with it when that is its end. */
  update(deliveries: readonly Delivery[]): Promise<void>;
  /** What each address was told last of this alert (sent, or sure to be sent). */
  told(alertId: string): Promise<Told[]>;
  /** Whether the newest message before this one that arrived told of the beginning. */
  wasSent(delivery: Delivery): Promise<boolean>;
  /** Those that a node before us left queued, oldest first. Tests of contacts are not taken up again. */
  leftQueued(): Promise<Delivery[]>;
  /** Those of one event that are not at their end. */
  queued(eventId: string): Promise<Delivery[]>;
}

export interface NotificationStoreDeps {
  sql: SqlClient;
  outbox: Outbox;
  clock: Clock;
  log: Logger;
  /** Throws while another node may have taken over: what it recorded meanwhile stands. */
  guard?(): void;
}

export function createNotificationStore(deps: NotificationStoreDeps): NotificationStore {
  const { sql, clock } = deps;
  const db = () => sql.db<NotifierTables>();
  return {
    async knows(eventId) {
      const row = await db()
        .selectFrom("notifications")
        .select("id")
        .where("event_id", "=", eventId)
        .limit(1)
        .executeTakeFirst();
      return row !== undefined;
    },
    async insert(deliveries) {
      if (deliveries.length === 0) return;
      const rows = deliveries.map((delivery) => toRow(delivery, clock.now()));
      await sql.transaction((tx) => tx.db<NotifierTables>().insertInto("notifications").values(rows).execute());
    },
    update: (deliveries) => update(deps, deliveries),
    async told(alertId) {
      const rows = await db()
        .selectFrom("notifications")
        .select(["contact_id", "channel_index", "status", "level"])
        .where("alert_id", "=", alertId)
        .where("state", "in", ["queued", "sent"])
        .orderBy("id")
        .execute();
      const told = rows.map((row) => ({
        contactId: row.contact_id,
        channelIndex: row.channel_index,
        status: row.status as Told["status"],
        level: toLevel(row.level),
      }));
      return [...new Map(told.map((one) => [channelOf(one), one])).values()];
    },
    async wasSent({ id, alertId, contactId, channelIndex }) {
      const row = await db()
        .selectFrom("notifications")
        .select("status")
        .where("alert_id", "=", alertId)
        .where("contact_id", "=", contactId)
        .where("channel_index", "=", channelIndex)
        .where("state", "=", "sent")
        .where("id", "<", id)
        .orderBy("id", "desc")
        .limit(1)
        .executeTakeFirst();
      return row?.status === "firing";
    },
    async leftQueued() {
      await db()
        .updateTable("notifications")
        .set({ state: "failed", reason: "the node ended while the test ran", message: null })
        .where("state", "=", "queued")
        .where("status", "=", "test")
        .execute();
      const rows = await db()
        .selectFrom("notifications")
        .selectAll()
        .where("state", "=", "queued")
        .orderBy("id")
        .execute();
      return rows.map(toDelivery);
    },
    async queued(eventId) {
      const rows = db().selectFrom("notifications").selectAll().where("event_id", "=", eventId);
      return (await rows.where("state", "=", "queued").orderBy("id").execute()).map(toDelivery);
    },
  };
}

async function update(
  { sql, outbox, clock, log, guard }: NotificationStoreDeps,
  deliveries: readonly Delivery[],
): Promise<void> {
  const events = deliveries.flatMap(toEvents);
  const write = (withEvents: readonly NewEvent[]) =>
    sql.transaction(async (tx) => {
      tx.beforeCommit(async () => guard?.());
      for (const delivery of deliveries) {
        const { id, dedupe_key: _, created_at: __, ...row } = toRow(delivery, clock.now());
        await tx.db<NotifierTables>().updateTable("notifications").set(row).where("id", "=", id).execute();
      }
      if (withEvents.length > 0) outbox.add(tx, withEvents);
    });
  try {
    await write(events);
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== "full") throw error;
    // The record matters more than its event: without it the message would be sent again.
    log.warn({ events: events.length }, "the event bus is full: notifications are recorded without their events");
    await write([]);
  }
}

function toEvents({ id, alertId, contactId, state, reason, status }: Delivery): NewEvent[] {
  if (status === "test") return [];
  const data = { notificationId: id, alertId, contactId };
  if (state === "sent") return [{ type: "notification.sent", key: alertId, data }];
  if (state === "failed")
    return [{ type: "notification.failed", key: alertId, data: { ...data, detail: reason ?? "" } }];
  return [];
}
