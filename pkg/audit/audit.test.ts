import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createFakeClock } from "#pkg/clock/fake.ts";
import { openTestDatabase } from "#test/fixtures/database.ts";
import { createAudit } from "./audit.ts";
import type { AuditTables } from "./tables.ts";

describe("the audit log", () => {
  const clock = createFakeClock(1_700_000_000_000);
  let database: Awaited<ReturnType<typeof openTestDatabase>>;
  let audit: ReturnType<typeof createAudit>;
  const entry = (target: string) => ({ by: "eve", action: "rule.update", target, before: { limit: 1 }, after: null });
  beforeEach(async () => {
    database = await openTestDatabase();
    audit = createAudit({ sql: database.sql, clock });
  });
  afterEach(() => database.dispose());

  it("gives entries back, newest first, page by page", async () => {
    for (const target of ["a", "b", "c"]) await audit.record(entry(target));
    expect((await audit.list(2)).map(({ target }) => target)).toEqual(["c", "b"]);
    expect(await audit.list(1)).toEqual([{ ...entry("c"), at: clock.now() }]);
    const [first] = await audit.page({ limit: 1 });
    expect((await audit.page({ limit: 5, before: first?.id ?? 0 })).map(({ target }) => target)).toEqual(["b", "a"]);
  });

  it("keeps one chain when many write at once", async () => {
    await Promise.all(Array.from({ length: 20 }, (_, at) => audit.record(entry(String(at)))));
    expect(await audit.verify()).toBeUndefined();
    expect((await audit.list(50)).length).toBe(20);
  });

  it("writes inside the caller's transaction, and goes with it", async () => {
    await audit.record(entry("before"));
    const failing = database.sql.transaction(async (tx) => {
      await audit.record(entry("rolled back"), tx);
      throw new Error("the change failed");
    });
    await expect(failing).rejects.toThrow("the change failed");
    await database.sql.transaction((tx) => audit.record(entry("kept"), tx));
    expect((await audit.list(9)).map(({ target }) => target)).toEqual(["kept", "before"]);
    expect(await audit.verify()).toBeUndefined();
  });

  it("shows an entry that was changed, and one that was taken out", async () => {
    for (const target of ["a", "b", "c"]) await audit.record(entry(target));
    const db = database.sql.db<AuditTables>();
    await db.updateTable("audit").set({ by: "adam" }).where("id", "=", 2).execute();
    expect(await audit.verify()).toBe(2);
    await db.updateTable("audit").set({ by: "eve" }).where("id", "=", 2).execute();
    expect(await audit.verify()).toBeUndefined();
    await db.deleteFrom("audit").where("id", "=", 2).execute();
    expect(await audit.verify()).toBe(3);
  });

  it("cuts what is too long for its column", async () => {
    await audit.record({ ...entry("x".repeat(600)), after: undefined });
    expect(await audit.list(1)).toMatchObject([{ target: "x".repeat(500), after: null }]);
  });
});
