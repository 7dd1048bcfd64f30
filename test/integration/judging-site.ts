import { afterEach, beforeEach } from "vitest";
import { createAlerts } from "#internal/alert/alerts.ts";
import { createSilences } from "#internal/alert/silences.ts";
import { createRules } from "#internal/rule/rules.ts";
import { createFakeClock } from "#pkg/clock/fake.ts";
import type { DomainEvent } from "#pkg/contracts/events.ts";
import { createOutbox } from "#pkg/eventbus/outbox.ts";
import { type BusTables, toLoggedEvent } from "#pkg/eventbus/tables.ts";
import { silentLogger } from "#pkg/logger/logger.ts";
import { openTestDatabase } from "#test/fixtures/database.ts";
import { createMemoryStore } from "./judging-memory-store.ts";

/** Noon of a day, in UTC ms. */
export const noonMs = Date.UTC(2026, 10, 23, 12);

/** Rules and alerts on a real database, an in-memory log of samples and a clock that is moved by hand. */
export async function openSite() {
  const database = await openTestDatabase();
  const { sql } = database;
  const clock = createFakeClock(noonMs);
  const store = createMemoryStore();
  const outbox = createOutbox({ clock, node: "test" });
  const audited: unknown[] = [];
  const audit = {
    record: async (entry: unknown) => {
      if (auditFailure) throw auditFailure;
      audited.push(entry);
    },
    list: async () => [],
  };
  let [failure, auditFailure]: [Error | undefined, Error | undefined] = [undefined, undefined];
  const alerts = createAlerts({ sql, outbox, clock, audit });
  const silences = createSilences({ sql, outbox, clock, audit });
  let stoodStillMs = 0;
  let alive = 0;
  const open = (maxWaiting?: number) => {
    const life = ++alive;
    return createRules({
      sql,
      outbox,
      clock,
      stoodStillMs: () => stoodStillMs,
      log: silentLogger,
      audit,
      store: store.port,
      sink: async (tx, judgements) => {
        if (life !== alive) throw new Error("this one was killed");
        if (failure) throw failure;
        await alerts.apply(tx, judgements);
      },
      ...(maxWaiting !== undefined && { maxWaiting }),
    });
  };
  const site = {
    ...database,
    clock,
    store,
    outbox,
    alerts,
    silences,
    audited,
    rules: open(),
    /** Forgets what is in memory, as a SIGKILL does, and starts on what is stored. */
    async kill(maxWaiting?: number) {
      site.rules = open(maxWaiting);
      await site.rules.start();
    },
    /** The node does not run for a while; nobody looks meanwhile. */
    standStill(ms: number) {
      clock.advance(ms);
      stoodStillMs += ms;
    },
    /** Storing judgements fails with this until it is called without. */
    breakStorage(error?: Error) {
      failure = error;
    },
    /** Writing the audit log fails with this until it is called without. */
    breakAudit(error?: Error) {
      auditFailure = error;
    },
    /** Appends and judges one batch; times are seconds after noon; the clock follows. */
    async push(...samples: (readonly [id: number, atS: number, value: number])[]) {
      const timed = samples.map(([id, atS, value]) => [id, noonMs + atS * 1000, value] as const);
      const newestMs = Math.max(...timed.map((one) => one[1]));
      if (newestMs > clock.now()) clock.advance(newestMs - clock.now());
      const { batch, position } = store.append(...timed);
      site.rules.judge(batch, position);
      await site.settled();
    },
    /** Waits until nothing waits to be stored. */
    async settled() {
      for (let turn = 0; turn < 1000 && site.rules.stats().waiting > 0; turn++) {
        await new Promise((resolve) => setImmediate(resolve));
        if (failure) return;
      }
      await sql.transaction(async () => {});
    },
    async events(): Promise<DomainEvent[]> {
      const rows = await sql.db<BusTables>().selectFrom("bus_events").selectAll().orderBy("seq").execute();
      return rows.map((row) => toLoggedEvent(row).event);
    },
    /** Alert events as short words: `opened warning 13`. */
    async told(): Promise<string[]> {
      const events = await site.events();
      return events.flatMap((event) => {
        if (!event.type.startsWith("alert.")) return [];
        const data = event.data as { level: string; value: number | null };
        return [`${event.type.slice(6)} ${data.level} ${data.value}`];
      });
    },
  };
  await site.rules.start();
  return site;
}

export type Site = Awaited<ReturnType<typeof openSite>>;

/** A site of its own, with a series of a PDU's current, for each test of a file. */
export function siteForEach(use: (site: Site, pdu: number) => void): void {
  let site: Site;
  beforeEach(async () => {
    site = await openSite();
    use(site, site.store.series("pdu", { room: "R1", name: "A" }, "current"));
  });
  afterEach(async () => {
    await site.rules.close();
    await site.dispose();
  });
}
