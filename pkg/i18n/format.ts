import type { Locale } from "./catalogue.ts";

/** Numbers and times as people at one site read them. */
export interface Format {
  /** At most three decimals, fewer the larger it is; "–" for what is missing. */
  number(value: number | null | undefined): string;
  /** The number with its unit; `1` is no unit. */
  measure(value: number | null | undefined, unit: string): string;
  /** `2026-11-23 14:05:09` in the site's time zone. */
  time(ms: number | null | undefined): string;
  /** `14:05:09` when it was on the same day as `nowMs`, else with the date. */
  shortTime(ms: number, nowMs: number): string;
}

/** Formats for one language and time zone (IANA name). */
export function createFormat(locale: Locale, timeZone: string): Format {
  const decimals = [0, 1, 2, 3].map((digits) => new Intl.NumberFormat(locale, { maximumFractionDigits: digits }));
  // Swedish dates are ISO dates with 24 hours: one shape for all languages
  const stamp = new Intl.DateTimeFormat("sv-SE", { timeZone, dateStyle: "short", timeStyle: "medium" });
  const number: Format["number"] = (value) => {
    if (value === null || value === undefined || !Number.isFinite(value)) return "–";
    const size = Math.abs(value);
    return decimals[size >= 1000 ? 0 : size >= 100 ? 1 : size >= 1 ? 2 : 3]?.format(value) ?? "–";
  };
  const time: Format["time"] = (ms) => (ms === null || ms === undefined ? "–" : stamp.format(ms));
  return {
    number,
    measure: (value, unit) => (unit === "1" || number(value) === "–" ? number(value) : `${number(value)} ${unit}`),
    time,
    shortTime: (ms, nowMs) => {
      const [day, clock] = time(ms).split(" ");
      return day === time(nowMs).split(" ")[0] ? (clock ?? "–") : time(ms);
    },
  };
}
