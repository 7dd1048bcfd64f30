import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Inventory } from "#internal/inventory/contract.ts";
import { createFakeClock } from "#pkg/clock/fake.ts";
import type { AuditEntry } from "#pkg/contracts/audit.ts";
import type { BusTables } from "#pkg/eventbus/tables.ts";
import { openTestDatabase } from "#test/fixtures/database.ts";
import { openTestInventory } from "#test/fixtures/inventory.ts";
import { foundPdu } from "./device.fixture.ts";

describe("inventory", () => {
  const clock = createFakeClock(Date.UTC(2026, 0, 1));
  const room = { factory: "F12", phase: "P7", dc: "DC1", room: "R1", rack: "B11", side: "L" };
  let database: Awaited<ReturnType<typeof openTestDatabase>>;
  let inventory: Inventory;
  let audited: Omit<AuditEntry, "at">[];
  let naming: { pattern: string };
  beforeEach(async () => {
    database = await openTestDatabase();
    audited = [];
    // biome-ignore lint/suspicious/noTemplateCurlyInString: a pattern
    naming = { pattern: "${factory}${phase}${dc}${room}${rack}P${side}" };
    inventory = await openTestInventory(database, {
      clock,
      audit: { record: async (entry) => void audited.push(entry) },
      naming,
      lastSeen: (key) => (key === "10.0.0.1:161:0" ? 77 : undefined),
    });
  });
  afterEach(() => database.dispose());

  it("names what is found by the pattern as it is now", async () => {
    // biome-ignore lint/suspicious/noTemplateCurlyInString: a pattern
    naming.pattern = "in ${room}";
    expect((await known({}, room)).name).toBe("in R1");
  });

  const events = async () => {
    const rows = await database.sql.db<BusTables>().selectFrom("bus_events").selectAll().orderBy("seq").execute();
    return rows.map(({ type, data }) => ({ type, ...JSON.parse(data) }));
  };
  const moves = async () =>
    (await events()).map(({ type, from, to }) => (type === "device.changed" ? `${from} → ${to}` : type));
  const known = (changes = {}, tags = {}) => inventory.discovered(foundPdu("10.0.0.1", changes), "s1", tags);

  it("stores a new device with its name, event and audit entry", async () => {
    const device = await inventory.discovered(foundPdu("10.0.0.1"), "s1", room);
    expect(device).toMatchObject({
      key: "10.0.0.1:161:0",
      name: "F12P7DC1R1B11PL",
      state: "discovered",
      lastSampleAt: 77,
    });
    expect(await inventory.get(device.id)).toEqual(device);
    expect(await inventory.byKey(device.key)).toEqual(device);
    expect(await events()).toMatchObject([{ type: "device.discovered", deviceId: device.id, scanId: "s1" }]);
    expect(audited).toMatchObject([{ by: "scan:s1", action: "device.discover", target: device.key }]);
  });

  it("names a device without all tags by its own name, shown safely, else by its key", async () => {
    expect((await known({ sysName: "a\n[[inputs.exec]]\u202e $HOME" })).name).toBe("a [[inputs.exec]] $HOME");
    expect((await inventory.discovered(foundPdu("10.0.0.2", { sysName: "\u0000 " }), "s1", {})).name).toBe(
      "10.0.0.2:161:0",
    );
  });

  it("writes nothing when a device is found again as it was, whatever its values are", async () => {
    const first = await known();
    clock.advance(1000);
    const again = await known({ readings: first.readings.map((one) => ({ ...one, value: 5 })) });
    expect(again).toEqual(first);
    expect(await moves()).toEqual(["device.discovered"]);
  });

  it("takes a new identity, keeps state and people's tags, and keeps readings that were only silent", async () => {
    const first = await known({}, { room: "R1" });
    await inventory.accept(first.id, "ann");
    await inventory.setTags(first.id, { room: "R2" }, "ann");
    const again = await known({ serial: "B2", readings: [] }, { room: "R9", rack: "A" });
    expect(again).toMatchObject({ serial: "B2", state: "accepted", tags: { room: "R2" }, readings: first.readings });
  });

  it("adds the tags of later scans while nobody has set them by hand", async () => {
    await known({}, { room: "R1" });
    expect((await known({}, { rack: "A" })).tags).toEqual({ room: "R1", rack: "A" });
  });

  it("accepts, pauses, resumes and rejects, each with event and audit entry; repeats change nothing", async () => {
    const { id } = await known();
    expect((await inventory.accept(id, "ann")).state).toBe("accepted");
    await inventory.accept(id, "ann");
    await inventory.setState([id], "deployed", null, "rollout");
    expect(await inventory.pause(id, "bob")).toMatchObject({ paused: true, state: "accepted" });
    expect(await inventory.resume(id, "bob")).toMatchObject({ paused: false, state: "accepted" });
    expect((await inventory.reject(id, "bob")).state).toBe("rejected");
    expect(await moves()).toEqual([
      "device.discovered",
      "device.accepted",
      "discovered → accepted",
      "accepted → deployed",
      "deployed → accepted",
      "accepted → accepted",
      "accepted → rejected",
    ]);
    expect(audited.map(({ by, action }) => `${by} ${action}`)).toEqual([
      "scan:s1 device.discover",
      "ann device.accept",
      "rollout device.state",
      "bob device.pause",
      "bob device.resume",
      "bob device.reject",
    ]);
    expect(JSON.stringify(audited)).not.toContain("s3cret");
  });

  it("does not let the machinery move what a person rejected or nobody accepted", async () => {
    const { id } = await known();
    await inventory.setState([id], "deployed", null, "rollout");
    expect((await inventory.get(id))?.state).toBe("discovered");
    await inventory.reject(id, "ann");
    await inventory.setState([id], "accepted", null, "scan");
    expect((await inventory.get(id))?.state).toBe("rejected");
    expect((await inventory.accept(id, "ann")).state).toBe("accepted");
  });

  it("keeps a state's problem until it is cleared, beside what the scan said", async () => {
    const { id } = await known({ problems: [{ code: "implausible", detail: "voltage" }] });
    await inventory.accept(id, "ann");
    await inventory.setState([id], "accepted", { code: "wrong_oid", detail: "no such name" }, "rollout");
    expect((await inventory.get(id))?.problems.map((problem) => problem.code)).toEqual(["wrong_oid", "implausible"]);
    await inventory.setState([id], "validated", null, "rollout");
    expect((await inventory.get(id))?.problems.map((problem) => problem.code)).toEqual(["implausible"]);
  });

  it("brings a vanished device back to where its yes stood", async () => {
    const { id } = await known();
    await inventory.setState([id], "vanished", null, "scan");
    expect((await known()).state).toBe("discovered");
    await inventory.accept(id, "ann");
    await inventory.setState([id], "vanished", null, "scan");
    expect((await known()).state).toBe("accepted");
  });

  it("tells of silence with the time of the last sample", async () => {
    const { id } = await known();
    await inventory.accept(id, "ann");
    await inventory.setState([id], "online", null, "freshness");
    await inventory.setState([id], "silent", { code: "silent", detail: "" }, "freshness");
    expect((await events()).at(-1)).toMatchObject({ type: "device.silent", deviceId: id, since: 77 });
  });

  it("removes a device, and says so when there is none", async () => {
    const { id } = await known();
    await inventory.remove(id, "ann");
    expect(await inventory.get(id)).toBeUndefined();
    expect((await moves()).at(-1)).toBe("discovered → removed");
    for (const act of [inventory.remove, inventory.accept, inventory.pause]) {
      await expect(act(id, "ann")).rejects.toMatchObject({ code: "not_found" });
    }
  });

  for (const tags of [
    { "a-b": "x" },
    { device: "x" },
    { __name__: "x" },
    { room: "" },
    { room: "a\nb" },
    { r: "x".repeat(201) },
  ]) {
    it(`refuses the tags ${JSON.stringify(tags).slice(0, 40)}`, async () => {
      const { id } = await known();
      await expect(inventory.setTags(id, tags, "ann")).rejects.toMatchObject({ code: "bad_request" });
    });
  }

  it("lists by name, page by page, and filters", async () => {
    for (let index = 1; index <= 7; index++) {
      const found = foundPdu(`10.0.0.${index}`, { sysName: `pdu ${index % 3}%`, model: index > 5 ? "X_1" : "6PS56" });
      await inventory.discovered(found, "s1", { room: index > 4 ? "R2" : "r2" });
    }
    const names: string[] = [];
    let cursor: string | null | undefined;
    do {
      const page = await inventory.list({ limit: 3, ...(cursor ? { cursor } : {}) });
      names.push(...page.items.map((device) => `${device.name} ${device.key.split(":")[0]}`));
      cursor = page.next;
    } while (cursor);
    expect(names).toEqual(names.toSorted());
    expect(new Set(names).size).toBe(7);
    const count = async (query: object) => (await inventory.list(query)).items.length;
    expect(await count({ tags: { room: "R2" } })).toBe(3);
    expect(await count({ search: "x_" })).toBe(2);
    expect(await count({ search: "1%" })).toBe(3);
    expect(await count({ search: "10.0.0.7" })).toBe(1);
    expect(await count({ state: "discovered", protocol: "snmp", kind: "pdu" })).toBe(7);
    expect(await count({ protocol: "modbus" })).toBe(0);
    expect((await inventory.counts()).discovered).toBe(7);
    await expect(inventory.list({ cursor: "nonsense" })).rejects.toMatchObject({ code: "bad_request" });
  });
});
