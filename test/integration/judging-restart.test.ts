import { describe, expect, it } from "vitest";
import type { RuleSpec } from "#internal/rule/contract.ts";
import { writeRule } from "#internal/rule/records.ts";
import { noonMs, type Site, siteForEach } from "./judging-site.ts";

describe("judging after a kill", () => {
  let site: Site;
  let pdu: number;
  siteForEach((...opened) => {
    [site, pdu] = opened;
  });

  it("goes on with the on-delay that ran", async () => {
    await site.rules.create({ name: "Hot", condition: "pdu_current > 12", level: "warning", forMs: 10_000 }, "ann");
    await site.push([pdu, 1, 13]);
    await site.kill();
    await site.push([pdu, 8, 13]);
    await site.kill();
    await site.push([pdu, 11, 13]);
    expect(await site.told()).toEqual(["opened warning 13"]);
  });

  it("judges what was stored and not judged", async () => {
    await site.rules.create({ name: "Hot", condition: "pdu_current > 12", level: "warning" }, "ann");
    site.store.append([pdu, noonMs, 13]);
    site.store.append([pdu, noonMs + 1000, 10]);
    await site.kill();
    await site.settled();
    expect(await site.told()).toEqual(["opened warning 13", "closed warning 10"]);
  });

  it("judges an acknowledged sample also when the node comes back an hour later", async () => {
    await site.rules.create({ name: "Hot", condition: "pdu_current > 12", level: "warning" }, "ann");
    site.store.append([pdu, noonMs, 13]);
    site.clock.advance(3_600_000);
    await site.kill();
    await site.settled();
    expect(await site.told()).toEqual(["opened warning 13"]);
  });

  it("still knows which samples are late", async () => {
    await site.rules.create({ name: "Hot", condition: "pdu_current > 12", level: "warning" }, "ann");
    await site.push([pdu, 10, 10]);
    await site.rules.close();
    await site.kill();
    await site.push([pdu, 5, 13]);
    expect(await site.told()).toEqual([]);
    expect(site.rules.stats().late).toBe(1);
  });

  it("ends the alert of a rule that was deleted just before the kill", async () => {
    const rule = await site.rules.create({ name: "Hot", condition: "pdu_current > 12", level: "warning" }, "ann");
    await site.push([pdu, 1, 13]);
    await site.sql.db<{ rule: { id: string } }>().deleteFrom("rule").where("id", "=", rule.id).execute();
    await site.kill();
    await site.settled();
    expect(await site.told()).toEqual(["opened warning 13", "closed warning null"]);
  });

  it.each([
    { change: "name", spec: { name: "Hotter" }, labels: { alertname: "Hotter", team: "site" } },
    { change: "label", spec: { labels: { team: "power" } }, labels: { alertname: "Hot", team: "power" } },
  ])(
    "ends the alert of a rule that was given another $change just before the kill, and opens the new one",
    async ({ spec, labels }) => {
      const hot: RuleSpec = {
        name: "Hot",
        condition: "pdu_current > 12",
        level: "warning",
        labels: { team: "site" },
      };
      const rule = await site.rules.create(hot, "ann");
      await site.push([pdu, 1, 13]);
      // A rule is stored with a checkpoint; what its change ends is stored after that.
      site.clock.advance(5000);
      await site.rules.tick();
      await site.sql.transaction((tx) => writeRule(tx, { ...rule, ...spec }));
      await site.kill();
      await site.push([pdu, 6, 14]);
      expect(await site.told()).toEqual(["opened warning 13", "closed warning null", "opened warning 14"]);
      const [open] = (await site.alerts.list({})).items;
      expect(open?.labels).toEqual({ room: "R1", name: "A", ...labels });
    },
  );

  it("takes batches that come while it is still starting", async () => {
    await site.rules.create({ name: "Hot", condition: "pdu_current > 12", level: "warning" }, "ann");
    site.store.append([pdu, noonMs, 10]);
    const starting = site.kill();
    const { batch, position } = site.store.append([pdu, noonMs + 1000, 13]);
    site.rules.judge(batch, position);
    await starting;
    await site.settled();
    expect(await site.told()).toEqual(["opened warning 13"]);
  });
});
