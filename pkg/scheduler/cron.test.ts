import { describe, expect, it } from "vitest";
import { nextAfter } from "./cron.ts";

const minuteMs = 60_000;
const at = (text: string) => Date.parse(text);

describe("timetables", () => {
  /** Times of the next runs, to the second. */
  const seconds = (cron: string, timeZone: string, from: string, count: number) => {
    const times: string[] = [];
    for (let ms = at(from); times.length < count; times.push(new Date(ms).toISOString().slice(0, 19))) {
      ms = nextAfter({ cron, timeZone }, ms);
    }
    return times;
  };
  const runs = (cron: string, timeZone: string, from: string, count = 2) =>
    seconds(cron, timeZone, from, count).map((time) => time.slice(0, 16));

  it("follow the clock on the wall over both changes of summer time", () => {
    expect(runs("30 2 * * *", "Europe/Berlin", "2026-03-28T12:00Z")).toEqual(["2026-03-29T01:00", "2026-03-30T00:30"]);
    expect(runs("30 2 * * *", "Europe/Berlin", "2026-10-24T12:00Z")).toEqual(["2026-10-25T00:30", "2026-10-26T01:30"]);
    expect(runs("0,30 2 * * *", "Europe/Berlin", "2026-10-24T12:00Z", 3)).toEqual([
      "2026-10-25T00:00",
      "2026-10-25T00:30",
      "2026-10-26T01:00",
    ]);
    expect(runs("*/30 * * * *", "Europe/Berlin", "2026-10-25T00:10Z", 4)).toEqual([
      "2026-10-25T00:30",
      "2026-10-25T01:00",
      "2026-10-25T01:30",
      "2026-10-25T02:00",
    ]);
    expect(runs("0 3 * * *", "Asia/Taipei", "2026-01-01T00:00Z", 1)).toEqual(["2026-01-01T19:00"]);
  });

  it("with seconds miss nothing and repeat nothing over both changes, in either half of the world", () => {
    // Time that passes: every 20 minutes at second 5, through the hour that is left out and the one that comes twice.
    for (const from of ["2026-03-29T00:30:00Z", "2026-10-25T00:10:00Z"]) {
      const times = seconds("5 */20 * * * *", "Europe/Berlin", from, 9).map((time) => at(`${time}Z`));
      for (const [index, time] of times.slice(1).entries()) expect(time - (times[index] ?? 0)).toBe(20 * minuteMs);
    }
    // The clock on the wall: 02:30:15 is left out in October and comes twice in April.
    expect(seconds("15 30 2 * * *", "Australia/Sydney", "2026-10-02T20:00:00Z", 3)).toEqual([
      "2026-10-03T16:00:00",
      "2026-10-04T15:30:15",
      "2026-10-05T15:30:15",
    ]);
    expect(seconds("15 30 2 * * *", "Australia/Sydney", "2026-04-03T20:00:00Z", 2)).toEqual([
      "2026-04-04T15:30:15",
      "2026-04-05T16:30:15",
    ]);
    // Half an hour of change, and a zone without any.
    expect(seconds("0 15 2 * * *", "Australia/Lord_Howe", "2026-10-02T20:00:00Z", 2)).toEqual([
      "2026-10-03T15:30:00",
      "2026-10-04T15:15:00",
    ]);
    expect(seconds("59 59 23 * * *", "Asia/Taipei", "2026-03-28T20:00:00Z", 2)).toEqual([
      "2026-03-29T15:59:59",
      "2026-03-30T15:59:59",
    ]);
  });

  it("know seconds", () => {
    expect(nextAfter({ cron: "*/7 * * * * *", timeZone: "UTC" }, at("2026-01-01T00:00:07Z"))).toBe(
      at("2026-01-01T00:00:14Z"),
    );
  });

  it("that never fire, are none or stand in no zone are refused with the mend", () => {
    const refusal =
      (cron: string, timeZone = "UTC") =>
      () =>
        nextAfter({ cron, timeZone }, 0);
    expect(refusal("0 3 30 2 *")).toThrow(/never fires.*30th of February/);
    expect(refusal("every day")).toThrow("is no cron text");
    expect(refusal("0 0 3 * * * 2020")).toThrow("is no cron text");
    expect(refusal("0 3 * * *", "Mars/Olympus")).toThrow(/no time zone "Mars\/Olympus".*Asia\/Taipei/);
  });
});
