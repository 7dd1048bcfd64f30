/** The unit of an age and how many of it: seconds below a minute, minutes below an hour, and so on. */
export function splitAge(ageMs: number): { count: number; unit: "s" | "min" | "h" | "d" } {
  const seconds = Math.max(0, Math.floor(ageMs / 1000));
  if (seconds < 60) return { count: seconds, unit: "s" };
  if (seconds < 3600) return { count: Math.floor(seconds / 60), unit: "min" };
  if (seconds < 86_400) return { count: Math.floor(seconds / 3600), unit: "h" };
  return { count: Math.floor(seconds / 86_400), unit: "d" };
}

const chinese = { s: "秒", min: "分鐘", h: "小時", d: "天" } as const;

/** "3 min ago", "3 分鐘前". Served to the browser too, where ages grow while one looks. */
export function formatAge(ageMs: number, locale: string): string {
  const { count, unit } = splitAge(ageMs);
  return locale === "zh-TW" ? `${count} ${chinese[unit]}前` : `${count} ${unit} ago`;
}

/** A length of time in its largest two units: "2 h 5 min", "2 小時 5 分鐘". */
export function formatDuration(durationMs: number, locale: string): string {
  const { count, unit } = splitAge(durationMs);
  const rest =
    unit === "h"
      ? Math.floor((durationMs % 3_600_000) / 60_000)
      : unit === "d"
        ? Math.floor((durationMs % 86_400_000) / 3_600_000)
        : 0;
  const name = (one: keyof typeof chinese) => (locale === "zh-TW" ? chinese[one] : one);
  const small = unit === "h" ? name("min") : name("h");
  return rest === 0 ? `${count} ${name(unit)}` : `${count} ${name(unit)} ${rest} ${small}`;
}
