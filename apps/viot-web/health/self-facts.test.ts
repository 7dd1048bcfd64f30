import { describe, expect, it } from "vitest";
import type { TelegrafUnit } from "#internal/fleet/contract.ts";
import { createFakeClock } from "#pkg/clock/fake.ts";
import { readSelfFacts } from "./self-facts.ts";

const minute = 60_000;
const unit = (state: TelegrafUnit["state"], devices = ["a"]): TelegrafUnit => ({
  id: "u",
  state,
  pid: 1,
  configHash: "h",
  devices,
  startedAt: minute,
  restarts: 0,
  log: [],
  lastError: null,
});

describe("what the node knows of itself", () => {
  const facts = async (options: {
    units: TelegrafUnit[];
    silent: boolean;
    lastArrivalMs: number | null;
    /** When the device itself was heard; long ago when left out. */
    seenMs?: number;
    stoodStillMs?: number;
    nowMs: number;
  }) => {
    const device = {
      id: "1",
      key: "a",
      name: "A",
      kind: "pdu",
      tags: {},
      paused: false,
      state: options.silent ? ("silent" as const) : ("online" as const),
    };
    const found = await readSelfFacts({
      inventory: { states: async () => [device] },
      fleet: { units: () => options.units },
      ingest: {
        stats: () => ({
          lines: 0,
          values: 0,
          rejected: 0,
          queueBytes: 0,
          queueLimitBytes: 1,
          lastArrivalMs: options.lastArrivalMs,
        }),
      },
      lastSeen: () => options.seenMs,
      intervalMs: 10_000,
      stoodStillMs: () => options.stoodStillMs ?? 0,
      clock: createFakeClock(options.nowMs),
      startedAtMs: 0,
    });
    return {
      up: found.units.map(({ up }) => up),
      silent: found.devices.map(({ silent }) => silent),
      idleS: found.ingestIdleS,
    };
  };

  it("calls a device silent while its unit runs and other data arrives", async () => {
    const found = await facts({
      units: [unit("running")],
      silent: true,
      lastArrivalMs: 10 * minute,
      nowMs: 10 * minute + 1000,
    });
    expect(found).toEqual({ up: [true], silent: [true], idleS: 1 });
  });

  it("calls no device silent when all data stopped with it", async () => {
    const all = { units: [unit("running")], silent: true, lastArrivalMs: 10 * minute, nowMs: 10 * minute + 40_000 };
    expect(await facts({ ...all, seenMs: 10 * minute - 9_000 })).toEqual({ up: [true], silent: [false], idleS: 40 });
    expect(await facts({ ...all, seenMs: 10 * minute - 21_000 })).toEqual({ up: [true], silent: [true], idleS: 40 });
  });

  it("says nothing of the devices of a unit that has just started", async () => {
    const now = { silent: true, lastArrivalMs: 2 * minute, nowMs: minute + 30_000 };
    expect(await facts({ ...now, units: [unit("running")] })).toMatchObject({ silent: [] });
    expect(await facts({ ...now, units: [unit("running")], nowMs: minute + 30_001 })).toMatchObject({ silent: [true] });
  });

  it("takes a start after a failure for up only when it holds", async () => {
    const now = { silent: false, lastArrivalMs: minute, nowMs: 2 * minute };
    const again = { ...unit("starting"), lastError: "ended with 1" };
    expect(await facts({ ...now, units: [again] })).toMatchObject({ up: [false] });
    expect(await facts({ ...now, units: [{ ...again, state: "running" }] })).toMatchObject({ up: [true] });
  });

  it("blames a stopped unit alone: neither its devices nor the missing data", async () => {
    const found = await facts({
      units: [unit("backing_off")],
      silent: true,
      lastArrivalMs: minute,
      nowMs: 10 * minute,
    });
    expect(found).toEqual({ up: [false], silent: [], idleS: 0 });
  });

  it("calls it no data at all, and no device silent, when nothing arrives", async () => {
    const found = await facts({
      units: [unit("running")],
      silent: true,
      lastArrivalMs: 5 * minute,
      seenMs: 5 * minute,
      nowMs: 10 * minute,
    });
    expect(found).toEqual({ up: [true], silent: [false], idleS: 300 });
  });

  it("does not count time in which the node itself stood still", async () => {
    const all = { units: [unit("running")], silent: false, lastArrivalMs: 5 * minute, nowMs: 10 * minute };
    expect(await facts({ ...all, stoodStillMs: 4.9 * minute })).toMatchObject({ idleS: 6 });
  });

  it("does not blame what has just been started", async () => {
    const found = await facts({ units: [unit("starting")], silent: false, lastArrivalMs: null, nowMs: 2 * minute });
    expect(found).toEqual({ up: [true], silent: [], idleS: 0 });
  });

  it("knows no unit that reads nothing", async () => {
    const found = await facts({ units: [unit("stopped", [])], silent: false, lastArrivalMs: null, nowMs: 9 * minute });
    expect(found).toEqual({ up: [], silent: [], idleS: 0 });
  });
});
