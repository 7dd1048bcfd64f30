import { afterEach, beforeEach, expect, it } from "vitest";
import type { Inventory } from "#internal/inventory/contract.ts";
import { foundPdu } from "#internal/inventory/device.fixture.ts";
import { createMemoryCache } from "#pkg/cache/adapters/memory.ts";
import { createFakeClock } from "#pkg/clock/fake.ts";
import { openTestDatabase, type TestDatabase } from "#test/fixtures/database.ts";
import { openTestInventory } from "#test/fixtures/inventory.ts";
import { withCachedCounts } from "./cached-counts.ts";

const clock = createFakeClock(Date.UTC(2026, 0, 1));
let database: TestDatabase;
let inventory: Inventory;
let stored: Inventory;
let reads: number;
beforeEach(async () => {
  database = await openTestDatabase();
  stored = await openTestInventory(database, { clock });
  reads = 0;
  const counted = {
    ...stored,
    async counts() {
      reads++;
      return stored.counts();
    },
  };
  inventory = withCachedCounts(counted, createMemoryCache({ clock, maxEntries: 10, maxBytes: 100_000 }));
});
afterEach(() => database.dispose());

it("reads once for many who ask, and again after each change", async () => {
  const { id } = await inventory.discovered(foundPdu("10.0.0.1"), "s1", {});
  expect(await Promise.all([inventory.counts(), inventory.counts()])).toMatchObject([
    { discovered: 1 },
    { discovered: 1 },
  ]);
  expect(reads).toBe(1);
  for (const [change, expected] of [
    [() => inventory.accept(id, "ann"), { accepted: 1, discovered: 0 }],
    [() => inventory.reject(id, "ann"), { rejected: 1 }],
    [() => inventory.accept(id, "ann"), { accepted: 1 }],
    [() => inventory.setState([id], "validated", null, "autodeploy"), { validated: 1 }],
    [() => inventory.discovered(foundPdu("10.0.0.2"), "s1", {}), { discovered: 1, validated: 1 }],
    [() => inventory.remove(id, "ann"), { discovered: 1, validated: 0 }],
  ] as const) {
    await change();
    expect(await inventory.counts()).toMatchObject(expected);
  }
});

it("sees what another node changed within 5 s", async () => {
  await inventory.counts();
  await stored.discovered(foundPdu("10.0.0.1"), "s1", {});
  clock.advance(4999);
  expect(await inventory.counts()).toMatchObject({ discovered: 0 });
  clock.advance(1);
  expect(await inventory.counts()).toMatchObject({ discovered: 1 });
});
