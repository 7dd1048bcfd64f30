import { describe, expect, it } from "vitest";
import { deviceStates } from "#internal/inventory/contract.ts";
import type { DomainEvent } from "#pkg/contracts/events.ts";
import { fakeServices } from "#test/e2e/fixtures/services.ts";
import type { PageServices } from "../../services.ts";
import { toEventRows } from "./happened.ts";
import { loopStages } from "./loop.ts";
import { whatIsDone } from "./now.ts";

const now = Date.UTC(2026, 10, 23, 4, 0);
const empty = fakeServices("empty", now);

function withCounts(
  counts: Partial<Record<(typeof deviceStates)[number], number>>,
  more: Partial<PageServices> = {},
): PageServices {
  const all = Object.fromEntries(deviceStates.map((state) => [state, counts[state] ?? 0]));
  return { ...empty, inventory: { ...empty.inventory, counts: async () => all as never }, ...more };
}

const ready = {
  fleet: { ...empty.fleet, binary: () => ({ state: "ready", path: "x", version: "1", detail: "" }) as const },
};

async function stills(services: PageServices) {
  const stages = await loopStages(services, now);
  return Object.fromEntries(stages.flatMap(({ name, still }) => (still === null ? [] : [[name, still.text]])));
}

describe("the loop", () => {
  it("says at which stage a new site stands", async () => {
    expect(await stills(empty)).toEqual({
      found: "still.nothing",
      validated: "still.before",
      collecting: "still.telegraf",
      samples: "still.before",
      rules: "still.noRules",
    });
  });

  it.each([
    [{ discovered: 3 }, "validated", "still.accept"],
    [{ accepted: 3 }, "validated", "still.validating"],
    [{ validated: 3 }, "collecting", "still.firstPoints"],
    [{ online: 2, silent: 1 }, "collecting", "still.silent"],
    [{ online: 2 }, "samples", "still.noData"],
  ] as const)("with %j it is %s: %s", async (counts, stage, still) => {
    expect((await stills(withCounts(counts, ready)))[stage]).toBe(still);
  });

  it("counts what was told in a day, without tests, and colours what was not delivered", async () => {
    const told = (await loopStages(fakeServices("full", now), now)).find((stage) => stage.name === "told");
    expect(told).toMatchObject({ value: 2, tone: "warning", still: { text: "still.notReached", n: 1 } });
  });

  it("is calm about alarms when there are none", async () => {
    expect((await loopStages(empty, now)).find((stage) => stage.name === "alarms")).toMatchObject({
      value: 0,
      tone: "calm",
    });
  });
});

describe("what is done now", () => {
  it("is one quiet line when nothing is", async () => {
    expect(await whatIsDone({ ...empty, ...ready })).toMatchObject([{ kind: "quiet", text: "now.quiet" }]);
  });

  it("tells of a build with the builder's own words, and of a Telegraf that is missing", async () => {
    expect(await whatIsDone(empty)).toMatchObject([
      { kind: "works", text: "now.telegraf.building", detail: expect.stringContaining("compiling") },
    ]);
    const missing = {
      fleet: {
        ...empty.fleet,
        binary: () => ({ state: "missing", path: null, version: null, detail: "install Go" }) as const,
      },
    };
    expect(await whatIsDone({ ...empty, ...missing })).toMatchObject([{ kind: "waits", text: "now.telegrafMissing" }]);
  });

  it("tells of scans with how far they are, of open rollouts, and of what waits for a person", async () => {
    const list = await whatIsDone(fakeServices("full", now));
    expect(list.map((one) => one.text)).toEqual(["now.scan", "now.rollout.watching", "now.accept"]);
    expect(list[0]?.progress).toBeCloseTo(97 / 254);
  });
});

describe("what happened", () => {
  const event = (id: number, more: Partial<DomainEvent>): DomainEvent =>
    ({
      id: String(id),
      at: now - id * 1000,
      node: "n",
      key: "k",
      traceparent: null,
      type: "device.changed",
      data: { deviceId: `d${id}`, deviceKey: `k${id}`, from: "deployed", to: "online", problem: null },
      ...more,
    }) as DomainEvent; // type and data fit

  it("tells the same of many devices in one line", () => {
    const rows = toEventRows([event(1, {}), event(2, {}), event(3, {})], 5);
    expect(rows).toMatchObject([
      {
        text: "event.device.changed.many",
        values: { n: 3 },
        words: { from: "device.deployed", to: "device.online" },
        href: "/devices",
      },
    ]);
  });

  it("keeps apart what lies further than a minute apart, and what is not the same", () => {
    const silent = { type: "device.silent", data: { deviceId: "d9", deviceKey: "k9", since: null } } as const;
    expect(toEventRows([event(1, {}), event(2, silent), event(90, {})], 5).map((row) => row.text)).toEqual([
      "event.device.changed",
      "event.device.silent",
      "event.device.changed",
    ]);
    expect(toEventRows([event(1, {}), event(2, silent), event(90, {})], 2)).toHaveLength(2);
  });

  it("tells one rule's alarms in one line, and leads to the list", () => {
    const opened = { type: "alert.opened", data: { alertId: "a", ruleName: "Silent", level: "warning", labels: {} } };
    const rows = toEventRows([event(1, opened as never), event(2, opened as never)], 5); // what rows do not show is left out
    expect(rows).toMatchObject([
      { text: "event.alert.opened.many", values: { ruleName: "Silent", n: 2 }, href: "/record-status", over: false },
    ]);
  });

  it("calls a change that keeps the state by its name", () => {
    const edited = event(1, { data: { deviceId: "d", deviceKey: "k", from: "online", to: "online", problem: null } });
    expect(toEventRows([edited], 5)).toMatchObject([{ text: "event.device.edited", href: "/devices/d" }]);
  });
});
