import { describe, expect, it } from "vitest";
import { formatAge, formatDuration } from "./age.ts";
import { createTranslate, negotiateLocale, parseCatalogue } from "./catalogue.ts";
import { createFormat } from "./format.ts";

const catalogue = parseCatalogue(
  {
    found: { en: { one: "{n} device in {room}", other: "{n} devices in {room}" }, "zh-TW": "{room} 有 {n} 台設備" },
    plain: { en: "Rooms", "zh-TW": "機房" },
  },
  "words.yaml",
);

describe("catalogue", () => {
  it("refuses a key that lacks a language, and what is no map", () => {
    expect(() => parseCatalogue({ title: { en: "x" } }, "w.yaml")).toThrow(/w\.yaml: title.*zh-TW/);
    expect(() => parseCatalogue({ title: { en: "x", "zh-TW": "" } }, "w.yaml")).toThrow(/zh-TW/);
    expect(() => parseCatalogue({ title: { en: { one: "x" }, "zh-TW": "y" } }, "w.yaml")).toThrow(/en/);
    expect(() => parseCatalogue("x", "w.yaml")).toThrow(/w\.yaml/);
  });

  it("fills places and chooses the wording by number", () => {
    const t = createTranslate([catalogue], "en");
    expect(t("found", { n: 1, room: "R1" })).toBe("1 device in R1");
    expect(t("found", { n: 2, room: "R1" })).toBe("2 devices in R1");
    expect(createTranslate([catalogue], "zh-TW")("found", { n: 2, room: "R1" })).toBe("R1 有 2 台設備");
  });

  it("shows a missing key instead of hiding it", () => {
    expect(createTranslate([catalogue], "en")("nope")).toBe("⟦nope⟧");
    expect(createTranslate([catalogue], "en")("constructor")).toBe("⟦constructor⟧");
  });

  it.each([
    ["zh-TW", undefined, "zh-TW"],
    ["fr", "zh-Hant-TW,zh;q=0.9,en;q=0.8", "zh-TW"],
    [undefined, "de,en;q=0.5,zh;q=0.3", "en"],
    [undefined, undefined, "en"],
  ])("negotiates %s / %s to %s", (chosen, header, expected) => {
    expect(negotiateLocale(chosen, header)).toBe(expected);
  });
});

describe("formats", () => {
  const format = createFormat("en", "Asia/Taipei");
  it("writes numbers with fewer decimals the larger they are, and a dash for none", () => {
    expect([12345.6, 123.45, 1.234, 0.12345, null, Number.NaN].map(format.number)).toEqual([
      "12,346",
      "123.5",
      "1.23",
      "0.123",
      "–",
      "–",
    ]);
    expect(format.measure(230.4, "V")).toBe("230.4 V");
    expect(format.measure(3, "1")).toBe("3");
    expect(format.measure(null, "V")).toBe("–");
  });

  it("writes times as ISO dates with 24 hours in the site's zone", () => {
    const at = Date.UTC(2026, 10, 23, 16, 5, 9);
    expect(format.time(at)).toBe("2026-11-24 00:05:09");
    expect(format.shortTime(at, at + 1000)).toBe("00:05:09");
    expect(format.shortTime(at, at + 86_400_000)).toBe("2026-11-24 00:05:09");
  });

  it("writes ages and lengths of time", () => {
    expect([5_000, 200_000, 7_200_000, 200_000_000].map((ms) => formatAge(ms, "en"))).toEqual([
      "5 s ago",
      "3 min ago",
      "2 h ago",
      "2 d ago",
    ]);
    expect(formatAge(200_000, "zh-TW")).toBe("3 分鐘前");
    expect(formatDuration(7_500_000, "en")).toBe("2 h 5 min");
    expect(formatDuration(90_000_000, "zh-TW")).toBe("1 天 1 小時");
  });
});
