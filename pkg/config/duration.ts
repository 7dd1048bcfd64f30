const unitsMs: Record<string, number> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 };

/** Milliseconds of Prometheus' duration text: `500ms`, `10s`, `1h30m`, `400d`. Undefined when it is none. */
export function toDurationMs(text: string): number | undefined {
  if (!/^(\d+(ms|s|m|h|d|w))+$/.test(text)) return text === "0" ? 0 : undefined;
  let totalMs = 0;
  for (const [, amount, unit] of text.matchAll(/(\d+)(ms|s|m|h|d|w)/g)) {
    totalMs += Number(amount) * (unitsMs[unit ?? ""] ?? Number.NaN);
  }
  return totalMs;
}

/** As `toDurationMs`, for text that the schema has checked already; throws on anything else. */
export function parseDuration(text: string): number {
  const durationMs = toDurationMs(text);
  if (durationMs === undefined) throw new RangeError(`"${text}" is no duration; write for example "10s" or "1h30m"`);
  return durationMs;
}

/** JSON schema pattern of a duration, for configuration and REST. */
export const durationPattern = "^(0|(\\d+(ms|s|m|h|d|w))+)$";
