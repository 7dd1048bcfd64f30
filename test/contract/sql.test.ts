import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openTestDatabase } from "#test/fixtures/database.ts";

interface Tables {
  audit: { at: number; by: string; action: string; target: string };
}

describe("sql: sqlite", () => {
  let database: Awaited<ReturnType<typeof openTestDatabase>>;
  beforeEach(async () => {
    database = await openTestDatabase();
  });
  afterEach(() => database.dispose());

  const row = { at: 1, by: "我 😀", action: "a", target: "t" };
  const rows = () => database.sql.db<Tables>().selectFrom("audit").select(["by"]).execute();

  it("keeps what a transaction wrote", async () => {
    await database.sql.transaction((tx) => tx.db<Tables>().insertInto("audit").values(row).execute());
    expect(await rows()).toEqual([{ by: "我 😀" }]);
  });

  it("rolls back the work and forgets after-commit hooks when a before-commit hook throws", async () => {
    let committed = false;
    const work = database.sql.transaction(async (tx) => {
      await tx.db<Tables>().insertInto("audit").values(row).execute();
      tx.afterCommit(() => {
        committed = true;
      });
      tx.beforeCommit(() => Promise.reject(new Error("no room")));
    });
    await expect(work).rejects.toThrow("no room");
    expect(await rows()).toEqual([]);
    expect(committed).toBe(false);
  });

  it("serialises transactions", async () => {
    const order: string[] = [];
    const slow = database.sql.transaction(async () => {
      order.push("a in");
      await new Promise((resolve) => setTimeout(resolve, 20));
      order.push("a out");
    });
    const quick = database.sql.transaction(async () => {
      order.push("b");
    });
    await Promise.all([slow, quick]);
    expect(order).toEqual(["a in", "a out", "b"]);
  });

  it("refuses an object as parameter instead of shifting the others", async () => {
    const wrong = { ...row, target: new Date() as unknown as string };
    await expect(database.sql.db<Tables>().insertInto("audit").values(wrong).execute()).rejects.toThrow(
      "SQL parameter",
    );
  });
});
