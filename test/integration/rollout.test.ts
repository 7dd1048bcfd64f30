import { describe, expect, it, type TestContext } from "vitest";
import { until } from "#test/fixtures/until.ts";
import { telegrafBin } from "./fleet-telegraf.ts";
import { type Gateway, openGateway } from "./rollout-gateway.ts";
import { modbusAt, modbusVoltage, openSite, snmpAt, snmpCurrent } from "./rollout-site.ts";
import { openSnmpDevice, type SnmpDevice } from "./rollout-snmp-device.ts";

const oid = (last: number) => `1.3.6.1.4.1.99999.1.${last}`;

/** A site of its own and its devices; all of it ends with the test, the site first. */
async function openBench({ onTestFinished }: TestContext) {
  const site = await openSite();
  const closing: { close(): Promise<void> }[] = [site];
  onTestFinished(async () => {
    for (const one of closing) await one.close();
  });
  const closedLater = <T extends { close(): Promise<void> }>(one: T) => {
    closing.push(one);
    return one;
  };
  return {
    site,
    snmp: async (values: Record<string, number>): Promise<SnmpDevice> => closedLater(await openSnmpDevice(values)),
    gateway: async (units: Record<number, Record<number, number>>): Promise<Gateway> =>
      closedLater(await openGateway(units)),
  };
}

describe.skipIf(telegrafBin === undefined)(
  "rollouts with a real Telegraf (set TELEGRAF_BIN, or start the node once: it builds one)",
  { timeout: 120_000, concurrent: true }, // they mostly wait for a watch to end
  () => {
    it("collects what is accepted, and leaves out what does not answer, with its reason", async (context) => {
      const { site, snmp, gateway } = await openBench(context);
      const pdu = await snmp({ [oid(1)]: 123, [oid(2)]: 45 });
      const dead = await snmp({});
      dead.silent = true;
      const bus = await gateway({ 1: { 10: 2301, 11: 2302 }, 2: { 10: 2295 } });
      const evil = `a"b\n[[inputs.exec]] \${HOME} $HOME @{store:key}`;
      const readings = [snmpCurrent(oid(1), 12, { phase: "L1" }), snmpCurrent(oid(2), 4.6, { phase: "L 2=b" })];
      const good = await site.accept(snmpAt(pdu.port), readings, { room: "R1", dc: "DC1" }, evil);
      const silent = await site.accept(snmpAt(dead.port), [snmpCurrent(oid(1), 1)], { dc: "DC1" });
      const one = await site.accept(modbusAt(bus.port, 1), [
        modbusVoltage(10, 230, { phase: "L1" }),
        modbusVoltage(11, 230, { phase: "L2" }),
      ]);
      const two = await site.accept(modbusAt(bus.port, 2), [modbusVoltage(10, 229)]);

      const rollouts = await site.rollouts.reconcile("test", "first");
      const outcomes = rollouts.map(({ unitId, state, added, refused }) => [unitId, state, added, refused.length]);
      expect(outcomes.sort()).toEqual([
        ["dc1-snmp-1", "applied", [good.key], 1],
        ["modbus-1", "applied", [one.key, two.key], 0],
      ]);
      expect(rollouts[0]?.steps.map(({ state }) => state)).toEqual([
        "rendered",
        "checked",
        "applying",
        "watching",
        "applied",
      ]);
      expect((await site.state(good)).state).toMatch(/deployed|online/);
      const refused = await site.state(silent);
      expect(refused.state).toBe("accepted");
      expect(refused.problems[0]?.code).toBe("no_answer");
      expect(refused.problems[0]?.detail).toContain("timeout");
      // The watch has seen a point of each device, not of each reading.
      const line = await until(() =>
        site.points.lines.find((text) => text.includes(`device=${good.key}`) && text.includes("phase=L1")),
      );
      expect(line).toMatch(/^pdu,.*phase=L1,room=R1 current=12.3 \d+$/);
      expect(line).toContain(`[[inputs.exec]]\\ \${HOME}\\ $HOME\\ @{store:key}`);
      expect(line).toContain(`device=${good.key}`);
      const hasLine = (...words: string[]) =>
        site.points.lines.some((text) => words.every((word) => text.includes(word)));
      await until(() => hasLine("phase=L\\ 2\\=b", "current=4.5"));
      await until(() => hasLine(`device=${two.key}`, "voltage=229.5"));
      expect(bus.mostConnections()).toBe(1);
      expect(await site.rollouts.reconcile("test", "nothing changed")).toEqual([]);
    });

    it("refuses wrong readings and takes up the device once it answers as the scan says", async (context) => {
      const { site, snmp } = await openBench(context);
      const pdu = await snmp({ [oid(1)]: 123 });
      const device = await site.accept(snmpAt(pdu.port), [
        snmpCurrent(oid(1), 12),
        snmpCurrent(oid(9), 1, { phase: "L9" }),
      ]);
      const [failed] = await site.rollouts.reconcile("test", "wrong OID");
      expect(failed?.state).toBe("failed");
      expect(failed?.refused[0]?.problem.code).toBe("fields_missing");
      expect((await site.state(device)).problems[0]?.detail).toContain("phase=L9");
      expect(site.fleet.units()).toEqual([]);
      expect(await site.rollouts.reconcile("test", "held back")).toEqual([]);
      site.answers.set(device.key, [snmpCurrent(oid(1), 12)]);
      const [applied] = await site.rollouts.reconcile("test", "again", { retryRefused: true });
      expect(applied?.state).toBe("applied");
      const lost = await site.accept(snmpAt(1), []);
      await site.rollouts.reconcile("test", "nothing to read");
      expect((await site.state(lost)).problems[0]?.code).toBe("no_readings");
    });

    it("never tests beside a gateway that is read: a new device there is proven by the watch, or taken out", async (context) => {
      const { site, gateway } = await openBench(context);
      const bus = await gateway({ 1: { 10: 2300 }, 2: { 10: 2290 } });
      const first = await site.accept(modbusAt(bus.port, 1), [modbusVoltage(10, 230)]);
      await site.rollouts.reconcile("test", "first");
      const second = await site.accept(modbusAt(bus.port, 2), [modbusVoltage(10, 229)]);
      const absent = await site.accept(modbusAt(bus.port, 3), [modbusVoltage(10, 229)]);
      const [rollout] = await site.rollouts.reconcile("test", "two more");
      expect(rollout).toMatchObject({ state: "applied", devices: [first.key, second.key], added: [second.key] });
      expect(rollout?.refused).toMatchObject([{ deviceKey: absent.key, problem: { code: "no_points" } }]);
      expect((await site.state(absent)).problems[0]?.detail).toContain("slave 3");
      expect(site.fleet.units()[0]?.devices).toEqual([first.key, second.key]);
      expect(await site.rollouts.reconcile("test", "held back")).toEqual([]);
    });

    it("rolls back by itself when a device stops delivering, and does not try the same at once", async (context) => {
      const { site, snmp } = await openBench(context);
      const [a, b] = [await snmp({ [oid(1)]: 10 }), await snmp({ [oid(1)]: 20 })];
      const before = await site.accept(snmpAt(a.port), [snmpCurrent(oid(1), 1)]);
      const [first] = await site.rollouts.reconcile("test", "first");
      const running = await site.fleet.files("snmp-1");
      const added = await site.accept(snmpAt(b.port), [snmpCurrent(oid(1), 2)]);
      a.silent = true;
      const [second] = await site.rollouts.reconcile("test", "second");
      expect(second).toMatchObject({ state: "rolled_back", snapshotBefore: first?.snapshotAfter });
      expect(second?.detail).toContain(before.key);
      expect(second?.telegrafOutput).toContain("Starting Telegraf");
      expect(await site.fleet.files("snmp-1")).toEqual(running);
      expect((await site.state(added)).problems[0]?.code).toBe("rolled_back");
      expect(await site.rollouts.reconcile("test", "third")).toEqual([]);
      a.silent = false;
      const [again] = await site.rollouts.reconcile("test", "a person asks", { retryRefused: true });
      expect(again?.state).toBe("applied");
      const diff = await site.rollouts.diff("snmp-1", first?.snapshotAfter ?? "", again?.snapshotAfter ?? "");
      expect(diff).toContain(`+device = "${added.key}"`);
      expect(diff).not.toContain("public");
    });

    it("takes out what a person pauses, and removes a unit that has nothing left", async (context) => {
      const { site, snmp } = await openBench(context);
      const [a, b] = [await snmp({ [oid(1)]: 10 }), await snmp({ [oid(1)]: 20 })];
      const one = await site.accept(snmpAt(a.port), [snmpCurrent(oid(1), 1)]);
      const two = await site.accept(snmpAt(b.port), [snmpCurrent(oid(1), 2)]);
      await site.rollouts.reconcile("test", "first");
      await site.inventory.pause(one.id, "test");
      const [paused] = await site.rollouts.reconcile("test", "pause");
      expect(paused).toMatchObject({ state: "applied", removed: [one.key], devices: [two.key] });
      await site.inventory.reject(two.id, "test");
      const [gone] = await site.rollouts.reconcile("test", "reject");
      expect(gone).toMatchObject({ state: "applied", removed: [two.key], snapshotAfter: null });
      expect(site.fleet.units()).toEqual([]);
      await site.inventory.resume(one.id, "test");
      expect((await site.rollouts.reconcile("test", "resume"))[0]?.state).toBe("applied");
    });

    it("rolls out what a changed [telegraf] renders, and nothing when it renders the same", async (context) => {
      const { site, snmp } = await openBench(context);
      const device = await snmp({ [oid(1)]: 10 });
      await site.accept(snmpAt(device.port), [snmpCurrent(oid(1), 1)]);
      await site.rollouts.reconcile("test", "first");
      site.configure({ watch_timeout: "4s" });
      expect(await site.rollouts.reconcile("test", "configuration")).toEqual([]);
      site.configure({ interval: "2s", batch_size: 77 });
      const [changed] = await site.rollouts.reconcile("test", "configuration");
      expect(changed?.state).toBe("applied");
      const files = Object.values(await site.fleet.files("snmp-1")).join("\n");
      expect(files).toContain('interval = "2s"');
      expect(files).toContain("metric_batch_size = 77");
    });

    it("puts back a version for a person, and keeps it until something changes", async (context) => {
      const { site, snmp } = await openBench(context);
      const [a, b] = [await snmp({ [oid(1)]: 10 }), await snmp({ [oid(1)]: 20 })];
      const one = await site.accept(snmpAt(a.port), [snmpCurrent(oid(1), 1)]);
      await site.rollouts.reconcile("test", "first");
      const two = await site.accept(snmpAt(b.port), [snmpCurrent(oid(1), 2)]);
      const [second] = await site.rollouts.reconcile("test", "second");
      const back = await site.rollouts.rollback(second?.id ?? "", "ann");
      expect(back).toMatchObject({ state: "applied", devices: [one.key], removed: [two.key], by: "ann" });
      expect((await site.state(two)).problems[0]?.detail).toContain("ann");
      expect(await site.rollouts.reconcile("test", "must not undo it")).toEqual([]);
      const restored = await site.rollouts.restore("snmp-1", second?.snapshotAfter ?? "", "ann");
      expect(restored).toMatchObject({ state: "applied", added: [two.key] });
      expect((await site.rollouts.snapshots("snmp-1")).length).toBe(2);
      await expect(site.rollouts.rollback("nothing", "ann")).rejects.toThrow("no such rollout");
      await expect(site.rollouts.restore("snmp-1", "0".repeat(64), "ann")).rejects.toThrow("no snapshot");
    });

    it("finishes what a killed node left in the middle: what ran before runs again", async (context) => {
      const { site, snmp } = await openBench(context);
      const [a, b] = [await snmp({ [oid(1)]: 10 }), await snmp({ [oid(1)]: 20 })];
      const one = await site.accept(snmpAt(a.port), [snmpCurrent(oid(1), 1)]);
      await site.rollouts.reconcile("test", "first");
      await site.accept(snmpAt(b.port), [snmpCurrent(oid(1), 2)]);
      const running = site.rollouts.reconcile("test", "second").catch((error: unknown) => error);
      await until(async () => (await site.rollouts.list(1))[0]?.state === "watching");
      await site.restart();
      await running;
      const [open] = await site.rollouts.list(1);
      expect(open?.endedAt).toBeNull();
      const [ended] = await site.rollouts.recover();
      expect(ended).toMatchObject({ id: open?.id, state: "rolled_back" });
      expect(site.fleet.units()[0]?.devices).toEqual([one.key]);
      expect(await site.rollouts.recover()).toEqual([]);
      expect((await site.rollouts.reconcile("test", "after the start"))[0]?.state).toBe("applied");
    });
  },
);
