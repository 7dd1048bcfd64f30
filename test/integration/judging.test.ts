import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { RuleSpec } from "#internal/rule/contract.ts";
import { openSite, type Site } from "./judging-site.ts";

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
  beforeEach(async () => {
    site = await openSite();
    pdu = site.store.series("pdu", { room: "R1", name: "A" }, "current");
  });
  afterEach(async () => {
    await site.rules.close();
    await site.dispose();
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
});
