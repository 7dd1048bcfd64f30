import { describe, expect, it } from "vitest";
import type { Device } from "#internal/inventory/contract.ts";
import { fortyDevices } from "#test/e2e/fixtures/devices.ts";
import { fakeServices } from "#test/e2e/fixtures/services.ts";
import type { PageServices } from "../../services.ts";
import { metricName, toReadingRows } from "./readings.ts";
import { whyNotCollected } from "./why.ts";

const now = Date.UTC(2026, 10, 23, 4, 0);
const services = fakeServices("full", now);
const [online] = fortyDevices(now);

function device(changes: Partial<Device>): Device {
  if (online === undefined) throw new Error("the fixture is empty");
  return { ...online, ...changes };
}

function withUnit(changes: Partial<ReturnType<PageServices["fleet"]["units"]>[number]>): PageServices {
  const unit = { ...services.fleet.units()[0], devices: [device({}).key], log: [], ...changes } as never; // the fixture has a unit
  return { ...services, fleet: { ...services.fleet, units: () => [unit] } };
}

describe("why is it not collected?", () => {
  it.each([
    [{ state: "online" }, null],
    [{ state: "online", paused: true }, "why.paused"],
    [{ state: "rejected" }, "why.rejected"],
    [{ state: "vanished" }, "why.vanished"],
    [{ state: "discovered" }, "why.notAccepted"],
    [{ state: "discovered", readings: [] }, "why.noReadings"],
    [{ state: "accepted", problems: [{ code: "x", detail: "wrong OID" }] }, "why.problem"],
    [{ state: "accepted" }, "why.waitsForRollout"],
    [{ state: "deployed", key: "10.9.9.9:161:0" }, "why.inNoUnit"],
    [{ state: "deployed" }, "why.firstPoints"],
    [{ state: "silent" }, "why.silent"],
  ] as const)("%j: %s", async (changes, reason) => {
    const why = await whyNotCollected(device(changes as Partial<Device>), withUnit({}));
    expect(why?.reason ?? null).toBe(reason);
  });

  it("gives Telegraf's own words: its last error, or what it says of the address", async () => {
    const silent = device({ state: "silent" });
    expect(
      await whyNotCollected(silent, withUnit({ state: "backing_off", lastError: "ended with code 1" })),
    ).toMatchObject({
      reason: "why.unitDown",
      detail: "ended with code 1",
    });
    const log = ["other", "E! agent 10.1.8.20: timeout"];
    expect((await whyNotCollected(silent, withUnit({ log })))?.detail).toBe("E! agent 10.1.8.20: timeout");
  });

  it("says so when Telegraf is not there", async () => {
    const building = fakeServices("empty", now);
    expect(await whyNotCollected(device({ state: "validated" }), building)).toMatchObject({
      reason: "why.noTelegraf",
      detail: expect.stringContaining("compiling"),
    });
  });
});

describe("readings", () => {
  it("get the newest sample of their own series, and none of another's", () => {
    const item = (phase: string, value: number) => ({
      labels: { __name__: "pdu_current", device: "k", phase },
      timeMs: now,
      value,
    });
    const rows = toReadingRows(device({}), [item("L2", 7), item("L9", 1)]);
    const currents = rows.filter((row) => row.metric === "pdu_current");
    expect(currents.map((row) => [row.tags["phase"], row.value])).toEqual([
      ["L1", null],
      ["L2", 7],
      ["L3", null],
    ]);
  });

  it("are named as the query side names them", () => {
    expect(metricName({ kind: "ups" }, "battery-charge.total")).toBe("ups_battery_charge_total");
  });
});
