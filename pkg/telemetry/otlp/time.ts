/** UTC ms, with fractions, as OpenTelemetry writes times: seconds and nanoseconds. */
export function toHrTime(ms: number): [seconds: number, nanoseconds: number] {
  const seconds = Math.floor(ms / 1000);
  return [seconds, Math.round((ms - seconds * 1000) * 1e6)];
}
