import { describe, expect, it } from "vitest";
import type { RuleSpec } from "#internal/rule/contract.ts";
import { until } from "#test/fixtures/until.ts";
import { noonMs, type Site, siteForEach } from "./judging-site.ts";

const overload: RuleSpec = {
  name: "Overload",
  condition: "pdu_current",
  comparison: ">",
  levels: { warning: { threshold: 12, reset: 11, forMs: 10_000 }, critical: { threshold: 16, reset: 14 } },
  annotations: { summary: "{{ $labels.room }}: {{ $value }} A" },
};

describe("judging", () => {
  let site: Site;
  let pdu: number;
  siteForEach((...opened) => {
    [site, pdu] = opened;
  });

  it("opens after the on-delay, rises, falls and closes, each told once", async () => {
    await site.rules.create(overload, "ann");
    await site.push([pdu, 1, 10]);
    await site.push([pdu, 5, 13]);
    expect(await site.told()).toEqual([]);
    await site.push([pdu, 15, 13.5]);
    await site.push([pdu, 20, 17]);
    await site.push([pdu, 25, 15]);
    await site.push([pdu, 30, 13]);
    await site.push([pdu, 35, 11.5]);
    await site.push([pdu, 40, 10]);
    expect(await site.told()).toEqual([
      "opened warning 13.5",
      "level_changed critical 17",
      "level_changed warning 13",
      "closed warning 10",
    ]);
    const [alert] = (await site.alerts.list({ scope: "all" })).items;
    expect(alert).toMatchObject({
      labels: { alertname: "Overload", name: "A", room: "R1" },
      annotations: { summary: "R1: 13 A" },
      conditionState: "normal",
    });
    const timeline = await site.alerts.timeline(alert?.id ?? "");
    expect(timeline.map((entry) => [entry.change, entry.from, entry.to, entry.reason])).toEqual([
      ["opened", "normal", "warning", "13.5 > 12 (warning), for longer than 10s"],
      ["level", "warning", "critical", "17 > 16 (critical)"],
      ["level", "critical", "warning", "13 > 12 (warning), for longer than 10s"],
      ["closed", "firing", "normal", "10 is no longer > 11"],
    ]);
  });

  it("continues the same record until it is acknowledged, then opens another", async () => {
    await site.rules.create({ name: "Hot", condition: "pdu_current > 12", level: "warning" }, "ann");
    await site.push([pdu, 1, 13]);
    await site.push([pdu, 2, 10]);
    await site.push([pdu, 3, 14]);
    const [first, ...others] = (await site.alerts.list({ scope: "all" })).items;
    expect(others).toEqual([]);
    expect(first).toMatchObject({ conditionState: "firing", endedAt: null });
    await site.alerts.acknowledge(first?.id ?? "", "bob", "seen");
    await site.push([pdu, 4, 10]);
    await site.push([pdu, 5, 15]);
    expect((await site.alerts.list({ scope: "all" })).items).toHaveLength(2);
    expect((await site.told()).map((line) => line.split(" ")[0])).toEqual([
      "opened",
      "closed",
      "opened",
      "acknowledged",
      "closed",
      "opened",
    ]);
  });

  it("fires at once when a threshold is lowered in the browser and resolves when it is raised", async () => {
    await site.push([pdu, 1, 13]);
    const rule = await site.rules.create({ name: "Hot", condition: "pdu_current > 16", level: "warning" }, "ann");
    expect(await site.told()).toEqual([]);
    await site.rules.update(rule.id, { name: "Hot", condition: "pdu_current > 12", level: "warning" }, "ann");
    expect(await site.told()).toEqual(["opened warning 13"]);
    const reset = { name: "Hot", condition: "pdu_current", comparison: ">" as const };
    const levels = { warning: { threshold: 15, reset: 11, keepFiringForMs: 60_000 } };
    await site.rules.update(rule.id, { ...reset, levels }, "ann");
    expect(await site.told()).toEqual(["opened warning 13", "closed warning 13"]);
    expect(site.audited).toHaveLength(3);
  });

  it("counts what is stored already towards the on-delay of a new rule", async () => {
    for (const second of [0, 10, 20, 30]) await site.push([pdu, second, 13]);
    await site.rules.create({ name: "Short", condition: "pdu_current > 12", level: "warning", forMs: 30_000 }, "ann");
    const long = { name: "Long", condition: "pdu_current > 12", level: "info" as const, forMs: 40_000 };
    const { id } = await site.rules.create(long, "ann");
    expect(await site.told()).toEqual(["opened warning 13"]);
    expect(site.rules.states(id)).toMatchObject([{ state: "pending", value: 13, sinceMs: noonMs }]);
    await site.push([pdu, 40, 13]);
    expect(await site.told()).toEqual(["opened warning 13", "opened info 13"]);
  });

  it("leaves a value alone that is older than five minutes", async () => {
    await site.push([pdu, 1, 13]);
    site.clock.advance(400_000);
    await site.rules.create({ name: "Hot", condition: "pdu_current > 12", level: "warning" }, "ann");
    expect(await site.told()).toEqual([]);
  });

  it("ends the alerts of a rule that is disabled or deleted, with the reason", async () => {
    const hot = { name: "Hot", condition: "pdu_current > 12", level: "warning" as const };
    const rule = await site.rules.create(hot, "ann");
    await site.push([pdu, 1, 13]);
    await site.rules.update(rule.id, { ...hot, enabled: false }, "ann");
    await site.rules.update(rule.id, { ...hot, enabled: true }, "ann");
    await site.rules.remove(rule.id, "ann");
    expect(await site.told()).toEqual([
      "opened warning 13",
      "closed warning null",
      "opened warning 13",
      "closed warning null",
    ]);
    const [alert] = (await site.alerts.list({ scope: "all" })).items;
    const reasons = (await site.alerts.timeline(alert?.id ?? "")).map((entry) => entry.reason);
    expect(reasons).toEqual([
      "13 > 12 (warning)",
      "the rule was disabled",
      "13 > 12 (warning)",
      "the rule was deleted",
    ]);
  });

  it("changes nothing by hand that the audit log does not take", async () => {
    const hot = { name: "Hot", condition: "pdu_current > 12", level: "warning" as const };
    const rule = await site.rules.create(hot, "ann");
    await site.push([0, 0, 13]);
    const [alert] = (await site.alerts.list({})).items;
    site.breakAudit(new Error("the disk is full"));
    const until = site.clock.now() + 60_000;
    const matchers = [{ name: "name", op: "=" as const, value: "P1" }];
    await expect(site.rules.create({ ...hot, name: "Other" }, "ann")).rejects.toThrow("the disk is full");
    await expect(site.rules.update(rule.id, { ...hot, priority: 1 }, "ann")).rejects.toThrow("the disk is full");
    await expect(site.rules.remove(rule.id, "ann")).rejects.toThrow("the disk is full");
    await expect(site.silences.create({ matchers, until, reason: "works" }, "ann")).rejects.toThrow("the disk is full");
    await expect(site.alerts.acknowledge(alert?.id ?? "", "ann", "")).rejects.toThrow("the disk is full");
    site.breakAudit();
    await site.kill();
    expect(await site.rules.list()).toEqual([rule]);
    expect(await site.silences.list("all")).toEqual([]);
    expect((await site.alerts.list({})).items).toMatchObject([{ acknowledgement: "unacknowledged" }]);
  });

  it.each([
    { change: "name", spec: { name: "Hotter" }, said: ["Hotter", undefined] },
    { change: "labels", spec: { labels: { team: "power" } }, said: ["Hot", "power"] },
  ])("ends the old alert when the rule's $change change, and opens the new one", async ({ spec, said }) => {
    const hot: RuleSpec = { name: "Hot", condition: "pdu_current > 12", level: "warning" };
    const rule = await site.rules.create(hot, "ann");
    await site.push([pdu, 1, 13]);
    await site.rules.update(rule.id, { ...hot, ...spec }, "ann");
    const alerts = (await site.alerts.list({ scope: "all" })).items;
    expect(alerts.map(({ labels, conditionState }) => [labels["alertname"], labels["team"], conditionState])).toEqual(
      expect.arrayContaining([
        ["Hot", undefined, "normal"],
        [...said, "firing"],
      ]),
    );
  });

  describe("when a series stops", () => {
    const overAndSilent = async (noData: "ok" | "alert" | "keep", value: number) => {
      const hot: RuleSpec = { name: "Hot", condition: "pdu_current > 12", level: "warning", noData };
      await site.rules.create(hot, "ann");
      for (const second of [0, 10, 20]) await site.push([pdu, second, value]);
      for (let second = 0; second < 100; second += 5) {
        site.clock.advance(5000);
        await site.rules.tick();
      }
      await site.settled();
    };

    it("takes it for normal by default", async () => {
      await overAndSilent("ok", 13);
      expect(await site.told()).toEqual(["opened warning 13", "closed warning null"]);
      await site.push([pdu, 130, 13]);
      expect((await site.told()).at(-1)).toBe("opened warning 13");
    });

    it("alerts once when asked to, and ends with the next good sample", async () => {
      await overAndSilent("alert", 10);
      expect(await site.told()).toEqual(["opened warning null"]);
      const [alert] = (await site.alerts.list({})).items;
      expect(alert).toMatchObject({ conditionState: "no_data", level: "warning" });
      await site.kill();
      await site.push([pdu, 130, 10]);
      expect(await site.told()).toEqual(["opened warning null", "closed warning 10"]);
    });

    it("leaves it as it was when asked to", async () => {
      await overAndSilent("keep", 13);
      expect(await site.told()).toEqual(["opened warning 13"]);
    });

    it("does not fire a pending one by itself", async () => {
      await site.rules.create({ name: "Hot", condition: "pdu_current > 12", level: "warning", forMs: 10_000 }, "ann");
      await site.push([pdu, 1, 13]);
      for (let turn = 0; turn < 30; turn++) {
        site.clock.advance(5000);
        await site.rules.tick();
      }
      expect(await site.told()).toEqual([]);
    });

    it("does not count the time that the node itself was down", async () => {
      await site.rules.create({ name: "Hot", condition: "pdu_current > 12", level: "warning", noData: "alert" }, "ann");
      for (const second of [0, 10, 20]) await site.push([pdu, second, 10]);
      await site.rules.close();
      site.clock.advance(3_600_000);
      await site.kill();
      await site.rules.tick();
      expect(await site.told()).toEqual([]);
    });

    it("does not count the time that the node itself stood still", async () => {
      await site.rules.create({ name: "Hot", condition: "pdu_current > 12", level: "warning", noData: "alert" }, "ann");
      for (const second of [0, 10, 20]) await site.push([pdu, second, 10]);
      site.standStill(3_600_000);
      await site.rules.tick();
      site.clock.advance(60_000);
      await site.rules.tick();
      await site.settled();
      expect(await site.told()).toEqual([]);
      site.clock.advance(1);
      await site.rules.tick();
      await site.settled();
      expect(await site.told()).toEqual(["opened warning null"]);
    });

    it("does not dig up what fell silent days ago", async () => {
      for (const second of [0, 10, 20]) await site.push([pdu, second, 10]);
      site.clock.advance(3 * 86_400_000);
      await site.rules.create({ name: "Hot", condition: "pdu_current > 12", level: "warning", noData: "alert" }, "ann");
      site.clock.advance(3_600_000);
      await site.rules.tick();
      expect(await site.told()).toEqual([]);
    });
  });

  describe("when judgements cannot be stored", () => {
    const full = new Error("database or disk is full");

    it("keeps them in order, says so, and stores them once it can", async () => {
      await site.rules.create({ name: "Hot", condition: "pdu_current > 12", level: "warning" }, "ann");
      site.breakStorage(full);
      await site.push([pdu, 1, 13]);
      await site.push([pdu, 2, 10]);
      await site.push([pdu, 3, 14]);
      await until(() => site.rules.health().status === "down");
      expect(site.rules.health().detail).toContain("disk is full");
      expect(await site.told()).toEqual([]);
      site.breakStorage();
      site.clock.advance(5000);
      await site.settled();
      expect(await site.told()).toEqual(["opened warning 13", "closed warning 10", "opened warning 14"]);
      expect(site.rules.health().status).toBe("ok");
    });

    it("does not let the log go while judgements wait, and loses none to a kill", async () => {
      await site.rules.create({ name: "Hot", condition: "pdu_current > 12", level: "warning" }, "ann");
      const released = site.store.released();
      site.breakStorage(full);
      await site.push([pdu, 1, 13]);
      site.clock.advance(20_000);
      await site.rules.tick();
      expect(site.store.released()).toBe(released);
      site.breakStorage();
      await site.kill();
      await site.settled();
      expect(await site.told()).toEqual(["opened warning 13"]);
    });

    it("bounds what waits in memory: the log is the buffer, and all of it is judged afterwards", async () => {
      await site.rules.create({ name: "Hot", condition: "pdu_current > 12", level: "warning" }, "ann");
      await site.kill(4);
      site.breakStorage(full);
      const expected: string[] = [];
      for (let second = 1; second <= 20; second++) {
        const value = second % 2 === 1 ? 13 : 10;
        expected.push(`${second % 2 === 1 ? "opened" : "closed"} warning ${value}`);
        await site.push([pdu, second, value]);
      }
      expect(site.rules.stats()).toMatchObject({ mode: "behind", waiting: 4 });
      site.breakStorage();
      for (let turn = 0; turn < 10; turn++) {
        site.clock.advance(5000);
        await site.settled();
        await site.rules.tick();
      }
      await site.settled();
      expect(site.rules.stats()).toMatchObject({ mode: "live", waiting: 0 });
      expect(await site.told()).toEqual(expected);
    });

    it("refuses to change a rule and changes nothing", async () => {
      const hot = { name: "Hot", condition: "pdu_current > 12", level: "warning" as const };
      site.outbox.add = () => {
        throw full;
      };
      await expect(site.rules.create(hot, "ann")).rejects.toThrow("could not be stored");
      expect(await site.rules.list()).toEqual([]);
    });
  });

  it("judges a log that began anew, although an older database knows higher positions", async () => {
    await site.rules.create({ name: "Hot", condition: "pdu_current > 12", level: "warning" }, "ann");
    for (let second = 0; second < 20; second++) await site.push([pdu, second, 10]);
    await site.rules.close();
    site.store.forgetLog();
    await site.kill();
    await site.push([pdu, 30, 13]);
    await site.rules.tick();
    await site.settled();
    expect(await site.told()).toEqual(["opened warning 13"]);
  });

  it("goes on after a gap in the log and says what was never judged", async () => {
    await site.rules.create({ name: "Hot", condition: "pdu_current > 12", level: "warning" }, "ann");
    for (let second = 0; second < 20; second++) site.store.append([pdu, noonMs + second * 1000, 10]);
    site.store.append([pdu, noonMs + 30_000, 13]);
    site.clock.advance(30_000);
    site.store.port.release(12);
    await site.kill();
    await site.settled();
    expect(await site.told()).toEqual(["opened warning 13"]);
    expect(site.rules.health()).toMatchObject({ status: "degraded" });
    expect(site.rules.health().detail).toContain("between log positions 0 and 12");
  });
});
