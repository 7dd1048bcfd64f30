import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Inventory } from "#internal/inventory/contract.ts";
import { foundPdu } from "#internal/inventory/device.fixture.ts";
import { createFakeClock } from "#pkg/clock/fake.ts";
import { checkConfig } from "#pkg/config/check.ts";
import type { FoundDevice } from "#pkg/contracts/reading.ts";
import type { ScanContext, Scanner, ScanTask } from "#pkg/contracts/scanner.ts";
import { silentLogger } from "#pkg/logger/logger.ts";
import type { SqlClient } from "#pkg/sql/port.ts";
import { openTestDatabase } from "#test/fixtures/database.ts";
import { openTestInventory } from "#test/fixtures/inventory.ts";
import { soon } from "#test/fixtures/until.ts";
import { scanConfig } from "../config.ts";
import type { ScanRequest, ScanRun } from "../contract.ts";
import { type OpenScans, openScans } from "./scans.ts";
import { createScanStore } from "./store.ts";

const snmp: ScanRequest = {
  ranges: ["127.0.9.1-127.0.9.20"],
  protocols: ["snmp"],
  credentials: [{ type: "snmp", version: "2c", community: "s3cret" }],
};

/** A network: what answers on it, and a gate that holds every sweep until it is opened or the scan is stopped. */
function createNetwork() {
  const devices: FoundDevice[] = [];
  const tasks: ScanTask[] = [];
  let gate: Promise<void> = Promise.resolve();
  const scanner: Scanner = {
    async *scan(task: ScanTask, { progress, journal, signal }: ScanContext) {
      tasks.push(task);
      const addresses = new Set(task.addresses);
      progress(addresses.size / 2, 0);
      await Promise.race([gate, new Promise((resolve) => signal.addEventListener("abort", resolve))]);
      if (signal.aborted) return;
      for (const found of devices.filter(({ endpoint }) => addresses.has(endpoint.address))) {
        if (task.busy.has(`${found.endpoint.address}:${found.endpoint.port}`)) continue;
        journal({ atMs: 1, target: found.endpoint.address, sent: "GET", outcome: "answered" });
        yield found;
      }
      progress(addresses.size, devices.length);
    },
    probe: () => Promise.reject(new Error("not asked here")),
  };
  const hold = () => {
    let open = () => {};
    gate = new Promise((resolve) => {
      open = resolve;
    });
    return () => open();
  };
  return { devices, tasks, scanner, hold };
}

describe("scans", () => {
  const clock = createFakeClock(Date.UTC(2026, 0, 1));
  let database: Awaited<ReturnType<typeof openTestDatabase>>;
  let inventory: Inventory;
  let network: ReturnType<typeof createNetwork>;
  let busy: Set<string>;
  let done: ScanRun[];
  let isAway = false;
  /** Writes that met a database that was away. */
  let refused = 0;
  let slow: Promise<void> | undefined;
  const opened: OpenScans[] = [];
  beforeEach(async () => {
    database = await openTestDatabase();
    network = createNetwork();
    busy = new Set();
    done = [];
    isAway = false;
    refused = 0;
    slow = undefined;
    inventory = await openTestInventory(database, { clock });
  });
  afterEach(async () => {
    for (const scans of opened.splice(0)) await scans.close();
    await database.dispose();
  });

  const open = async (config: object = {}) => {
    const sql: SqlClient = {
      ...database.sql,
      async transaction(work) {
        if (isAway) {
          refused++;
          throw new Error("the database is away");
        }
        const turn = slow;
        slow = undefined; // only this one
        await turn;
        return database.sql.transaction(work);
      },
    };
    const scans = await openScans({
      sql,
      clock,
      log: silentLogger,
      inventory,
      scanners: () => new Map([["snmp", network.scanner]]),
      profiles: async () => [],
      config: () => checkConfig(scanConfig, config, (path) => path.join(".")),
      busy: () => busy,
      onDone: (run) => done.push(run),
    });
    opened.push(scans);
    return scans;
  };
  const ended = async (scans: OpenScans, id: string) => {
    await soon(async () => expect((await scans.get(id))?.state).not.toBe("running"));
    return scans.get(id);
  };
  const run = async (scans: OpenScans, changes: Partial<ScanRequest> = {}) => {
    const { id } = await scans.start({ ...snmp, ...changes }, "ann");
    return ended(scans, id);
  };
  const stateOf = async (address: string) => (await inventory.byKey(`${address}:161:0`))?.state;
  const device = (address: string, changes: Partial<FoundDevice> = {}) =>
    network.devices.push(foundPdu(address, changes));

  it("stores what it finds with its tags, tells its progress and hands on the finished run", async () => {
    device("127.0.9.3");
    const scans = await open();
    const finished = await run(scans, { tags: { room: "R1" } });
    const known = await inventory.byKey("127.0.9.3:161:0");
    expect(finished).toMatchObject({
      state: "done",
      progress: { total: 20, sent: 20, answered: 1 },
      found: [known?.id],
      by: "ann",
      error: null,
    });
    expect(known?.tags).toEqual({ room: "R1" });
    await soon(() => expect(done.map((one) => one.id)).toEqual([finished?.id]));
    expect(await scans.journal(finished?.id ?? "")).toMatchObject([{ target: "127.0.9.3", outcome: "answered" }]);
  });

  it("keeps no credential of a finished scan", async () => {
    const scans = await open();
    const finished = await run(scans);
    await scans.close();
    expect(JSON.stringify(await scans.get(finished?.id ?? ""))).not.toContain("s3cret");
  });

  for (const [accept, autodeploy, states] of [
    ["known", undefined, ["accepted", "discovered", "discovered"]],
    ["all", undefined, ["accepted", "accepted", "discovered"]],
    ["ask", undefined, ["discovered", "discovered", "discovered"]],
    ["ask", true, ["accepted", "accepted", "discovered"]],
    ["all", false, ["discovered", "discovered", "discovered"]],
  ] as const) {
    it(`accepts by accept = "${accept}" and autodeploy ${autodeploy}`, async () => {
      device("127.0.9.1");
      device("127.0.9.2", { profile: "standard" });
      device("127.0.9.3", { readings: [] });
      await run(await open({ accept }), autodeploy === undefined ? {} : { autodeploy });
      expect([await stateOf("127.0.9.1"), await stateOf("127.0.9.2"), await stateOf("127.0.9.3")]).toEqual(states);
    });
  }

  it("never accepts again what a person rejected", async () => {
    device("127.0.9.1");
    const scans = await open({ accept: "all" });
    const first = await run(scans);
    await inventory.reject(first?.found[0] ?? "", "ann");
    await run(scans, { autodeploy: true });
    expect(await stateOf("127.0.9.1")).toBe("rejected");
  });

  it("counts what Telegraf reads as found without asking it", async () => {
    device("127.0.9.1");
    const scans = await open({ accept: "all" });
    const first = await run(scans);
    busy.add("127.0.9.1:161");
    const second = await run(scans);
    expect(second?.found).toEqual(first?.found);
    expect(network.tasks[1]?.busy.has("127.0.9.1:161")).toBe(true);
    expect(await stateOf("127.0.9.1")).toBe("accepted");
  });

  it("marks as vanished only what it asked for in the way it is known and that Telegraf does not read", async () => {
    for (const address of ["127.0.9.1", "127.0.9.2", "127.0.9.3"]) device(address);
    const scans = await open({ accept: "all" });
    await run(scans);
    network.devices.length = 0;
    await run(scans, { ports: { snmp: [1161] } });
    await run(scans, { credentials: [{ type: "snmp", version: "2c", community: "other" }] });
    busy.add("127.0.9.2:161");
    await run(scans, { ranges: ["127.0.9.1-127.0.9.2"] });
    expect([await stateOf("127.0.9.1"), await stateOf("127.0.9.2"), await stateOf("127.0.9.3")]).toEqual([
      "vanished",
      "accepted",
      "accepted",
    ]);
  });

  it("is cancelled at once, keeps what it found, calls nothing gone and is not handed on", async () => {
    device("127.0.9.1");
    const scans = await open({ accept: "all" });
    await run(scans);
    network.hold();
    network.devices.length = 0;
    const { id } = await scans.start(snmp, "ann");
    await soon(async () => expect((await scans.get(id))?.progress.sent).toBe(10));
    expect((await scans.cancel(id, "bob")).state).toBe("cancelled");
    await scans.close();
    expect(await scans.get(id)).toMatchObject({ state: "cancelled", error: "cancelled by bob" });
    expect(await stateOf("127.0.9.1")).toBe("accepted");
    expect(done).toHaveLength(1);
    expect((await scans.cancel(id, "bob")).state).toBe("cancelled");
    await expect(scans.cancel("none", "bob")).rejects.toMatchObject({ code: "not_found" });
  });

  it("stores the progress of a running scan once a second", async () => {
    network.hold();
    const scans = await open();
    const { id } = await scans.start(snmp, "ann");
    await soon(() => expect(network.tasks).toHaveLength(1));
    const past = createScanStore(database.sql); // as another process would read it, past the memory of this one
    await soon(async () => {
      clock.advance(1000);
      expect((await past.get(id))?.progress.sent).toBe(10);
    });
  });

  it("stores the end of a scan when the database is back, and says meanwhile that it has ended", async () => {
    const release = network.hold();
    const scans = await open();
    const { id } = await scans.start(snmp, "ann");
    await soon(() => expect(network.tasks).toHaveLength(1));
    isAway = true;
    release();
    await soon(async () => expect((await scans.get(id))?.state).toBe("done"));
    await soon(() => expect(refused).toBe(1));
    isAway = false;
    expect((await scans.get(id))?.state).toBe("done");
    const past = createScanStore(database.sql);
    expect((await past.get(id))?.state).toBe("running");
    await soon(async () => {
      clock.advance(1000);
      expect((await past.get(id))?.state).toBe("done");
    });
    await soon(() => expect(done.map((one) => one.id)).toEqual([id]));
  });

  it("does not take the end of a scan back by a write of its progress that hung", async () => {
    const release = network.hold();
    const scans = await open();
    const { id } = await scans.start(snmp, "ann");
    await soon(() => expect(network.tasks).toHaveLength(1));
    const { promise, resolve } = Promise.withResolvers<void>();
    slow = promise;
    clock.advance(1000);
    await soon(() => expect(slow).toBeUndefined()); // it hangs
    clock.advance(1000);
    release();
    await soon(async () => expect((await scans.get(id))?.state).toBe("done"));
    for (let turn = 0; turn < 20; turn++) await database.sql.ping(); // what does not wait for it is written by now
    resolve();
    await soon(() => expect(done).toHaveLength(1));
    for (let turn = 0; turn < 20; turn++) await database.sql.ping();
    expect((await createScanStore(database.sql).get(id))?.state).toBe("done");
  });

  it("calls scans of a process that is gone failed", async () => {
    network.hold();
    const first = await open();
    const { id } = await first.start(snmp, "ann");
    const second = await open();
    expect(await second.get(id)).toMatchObject({ state: "failed", error: "node stopped", endedAt: clock.now() });
  });

  it("says why a scan failed", async () => {
    const scans = await open();
    network.scanner.scan = () => {
      throw new Error("no socket left");
    };
    expect(await run(scans)).toMatchObject({ state: "failed", error: "no socket left" });
  });

  it("lets scans of the same addresses wait for each other, others run beside them, and refuses the seventeenth waiting", async () => {
    const release = network.hold();
    const scans = await open();
    const first = await scans.start(snmp, "ann");
    await scans.start({ ...snmp, ranges: ["127.0.10.0/30"] }, "ann");
    const waiting = await Promise.all(Array.from({ length: 16 }, () => scans.start(snmp, "ann")));
    await soon(() => expect(network.tasks).toHaveLength(2));
    await expect(scans.start(snmp, "ann")).rejects.toMatchObject({ code: "too_many" });
    expect((await scans.cancel(waiting[0]?.id ?? "", "ann")).state).toBe("cancelled");
    release();
    for (const one of [first, ...waiting]) await ended(scans, one.id);
    expect(network.tasks).toHaveLength(17);
    expect((await scans.list(5)).map((one) => one.id)).toEqual(
      waiting
        .slice(-5)
        .map((one) => one.id)
        .reverse(),
    );
  });

  it("reads one known device again at the configured pace, but none outside the allow-list", async () => {
    const scans = await open({ pace: { per_device: "3s" } });
    const paces: number[] = [];
    network.scanner.probe = async (endpoint, _profiles, { pace }) => {
      paces.push(pace.perDeviceMs);
      return foundPdu(endpoint.address);
    };
    expect((await scans.probe(foundPdu("127.0.9.1"))).sysName).toBe("pdu-a");
    expect(paces).toEqual([3000]);
    await expect(scans.probe(foundPdu("10.0.0.1"))).rejects.toThrow("outside the allow-list");
    const modbus = { protocol: "modbus", address: "127.0.9.1", port: 502, unitId: 1, framing: "tcp" } as const;
    await expect(scans.probe({ endpoint: modbus })).rejects.toMatchObject({ code: "unavailable" });
  });

  it("only counts and checks in a dry run", async () => {
    const scans = await open();
    expect(await scans.start({ ...snmp, dryRun: true }, "ann")).toMatchObject({
      state: "done",
      progress: { total: 20, sent: 0 },
    });
    expect(network.tasks).toEqual([]);
  });

  it("refuses a protocol without a scanner and a range outside the allow-list", async () => {
    const scans = await open();
    const modbus: ScanRequest = { ranges: snmp.ranges, protocols: ["modbus"] };
    await expect(scans.start(modbus, "ann")).rejects.toThrow('no scanner for "modbus"');
    await expect(scans.start({ ...snmp, ranges: ["10.0.0.1"] }, "ann")).rejects.toThrow("outside the allow-list");
    expect(await scans.list(10)).toEqual([]);
  });
});
