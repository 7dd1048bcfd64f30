import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Inventory } from "#internal/inventory/contract.ts";
import { createFakeClock } from "#pkg/clock/fake.ts";
import type { Keyring } from "#pkg/secret/keyring.ts";
import { openTestDatabase } from "#test/fixtures/database.ts";
import { openTestInventory } from "#test/fixtures/inventory.ts";
import { openTestVault } from "#test/fixtures/vault.ts";
import { foundPdu } from "./device.fixture.ts";
import { forgetCommunities, resealDevices, sealClearDevices } from "./sealed.ts";
import type { InventoryTables } from "./tables.ts";

describe("communities on disk", () => {
  const clock = createFakeClock(1000);
  let database: Awaited<ReturnType<typeof openTestDatabase>>;
  let vault: Keyring;
  let inventory: Inventory;
  beforeEach(async () => {
    database = await openTestDatabase();
    vault = await openTestVault(database);
    inventory = await openTestInventory(database, { clock, vault });
  });
  afterEach(() => database.dispose());

  const endpoints = async () =>
    (await database.sql.db<InventoryTables>().selectFrom("devices").select("endpoint").execute()).map(
      (row) => row.endpoint,
    );
  const store = () => inventory.discovered(foundPdu("10.0.0.1"), "s1", {});
  const communities = async () =>
    (await inventory.all()).map(({ endpoint }) => "community" in endpoint && endpoint.community);

  it("are sealed, and clear to the product; seeing a device again as it was writes nothing", async () => {
    const { updatedAt } = await store();
    const [before] = await endpoints();
    expect(before).not.toContain("s3cret");
    expect(await communities()).toEqual(["s3cret"]);
    expect((await inventory.list({})).items[0]?.endpoint).toMatchObject({ community: "s3cret" });
    clock.advance(1000);
    expect((await store()).updatedAt).toBe(updatedAt);
    expect(await endpoints()).toEqual([before]);
  });

  it("of an older version are sealed at the next start, once", async () => {
    await store();
    const clear = JSON.stringify({
      protocol: "snmp",
      address: "10.0.0.1",
      port: 161,
      version: "2c",
      community: "s3cret",
    });
    await database.sql.db<InventoryTables>().updateTable("devices").set({ endpoint: clear }).execute();
    expect(await communities()).toEqual(["s3cret"]);
    expect([await sealClearDevices(database.sql, vault), await sealClearDevices(database.sql, vault)]).toEqual([1, 0]);
    expect((await endpoints())[0]).not.toContain("s3cret");
    expect(await communities()).toEqual(["s3cret"]);
  });

  it("are sealed anew with a new key", async () => {
    await store();
    const [before] = await endpoints();
    await vault.renew(resealDevices);
    expect((await endpoints())[0]).not.toBe(before);
    expect(await communities()).toEqual(["s3cret"]);
  });

  it("are forgotten when the key is lost, until the device is seen again", async () => {
    await store();
    await database.sql.transaction(forgetCommunities);
    expect(await communities()).toEqual([""]);
    await store();
    expect(await communities()).toEqual(["s3cret"]);
  });
});
