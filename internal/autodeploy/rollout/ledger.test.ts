import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createAudit } from "#pkg/audit/audit.ts";
import { createFakeClock } from "#pkg/clock/fake.ts";
import { createOutbox } from "#pkg/eventbus/outbox.ts";
import { openTestDatabase, type TestDatabase } from "#test/fixtures/database.ts";
import { openAttempt } from "./attempt.ts";
import { createLedger, type Ledger } from "./ledger.ts";
import type { UnitPlan } from "./plan.ts";

const clock = createFakeClock(1_700_000_000_000);
const before = { files: { "a.conf": "" }, devices: ["10.0.0.1:502:1"] };
const nothing = { devices: [], added: [], changed: [], files: {} };
const plan: UnitPlan = { ...nothing, unitId: "modbus-1", before, removed: before.devices };

describe("the ledger of rollouts", () => {
  let database: TestDatabase;
  let audit: ReturnType<typeof createAudit>;
  let mayRecord: boolean;
  let ledger: Ledger;
  beforeEach(async () => {
    database = await openTestDatabase();
    audit = createAudit({ sql: database.sql, clock });
    mayRecord = true;
    const record: typeof audit.record = async (entry, tx) => {
      await audit.record(entry, tx);
      if (!mayRecord) throw new Error("killed here");
    };
    ledger = createLedger({ sql: database.sql, outbox: createOutbox({ clock, node: "test" }), audit: { record } });
  });
  afterEach(() => database.dispose());

  const open = () => openAttempt(plan, { ledger, clock, by: "ann", reason: "test", action: "rollout.restore" });

  it("ends a rollout with its entry in the audit log, or not at all", async () => {
    const attempt = await open();
    await attempt.step("applying", "");
    mayRecord = false;
    await expect(attempt.end("applied", "done")).rejects.toThrow("killed here");
    expect(await ledger.unfinished()).toMatchObject([{ id: attempt.id, state: "applying", endedAt: null }]);
    expect(await audit.list(9)).toEqual([]);
    mayRecord = true;
    await attempt.end("applied", "done");
    expect(await ledger.unfinished()).toEqual([]);
    expect(await audit.list(9)).toMatchObject([
      { by: "ann", action: "rollout.restore", target: "modbus-1", after: { state: "applied" } },
    ]);
  });

  it("notes who had asked for what a start after a kill ends", async () => {
    const attempt = await open();
    await ledger.end({ ...attempt.rollout(), state: "failed", endedAt: clock.now() }, "rollout.recover");
    expect(await audit.list(9)).toMatchObject([{ by: "ann", action: "rollout.recover", after: { state: "failed" } }]);
  });
});
