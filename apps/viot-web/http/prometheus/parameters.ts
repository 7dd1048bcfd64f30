import { toDurationMs } from "#pkg/config/duration.ts";
import type { Matcher } from "#pkg/contracts/samples.ts";
import { AppError } from "#pkg/errors/errors.ts";
import { parseSelector } from "#pkg/promql/selector.ts";

/** Parameters of a query string or a form, checked by the route's schema. */
export type Parameters = Readonly<Record<string, string | string[] | undefined>>;

/** Unix seconds (with a fraction) or RFC 3339, as ms. Throws `AppError("bad_request")` naming the parameter. */
export function toTimeMs(name: string, value: string | string[] | undefined, fallbackMs?: number): number {
  if (value === undefined && fallbackMs !== undefined) return fallbackMs;
  const text = String(value);
  const seconds = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) : Number.NaN;
  const timeMs = Number.isFinite(seconds) ? Math.round(seconds * 1000) : parseRfc3339(text);
  if (Math.abs(timeMs) <= 8.64e15) return timeMs;
  throw new AppError("bad_request", {
    at: name,
    message: `cannot parse "${text.slice(0, 40)}" to a valid timestamp`,
    mend: "write Unix seconds or RFC 3339, for example 2026-01-31T12:00:00Z",
  });
}

function parseRfc3339(text: string): number {
  return /^\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)$/.test(text) ? Date.parse(text) : Number.NaN;
}

/** Seconds or a duration, as ms. */
export function toStepMs(value: string | string[] | undefined): number {
  const text = String(value);
  const seconds = /^(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) : Number.NaN;
  const stepMs = Number.isFinite(seconds) ? Math.round(seconds * 1000) : toDurationMs(text);
  if (stepMs !== undefined && stepMs > 0) return stepMs;
  throw new AppError("bad_request", {
    at: "step",
    message: `"${text.slice(0, 40)}" is no step longer than nothing`,
    mend: 'write seconds or a duration, for example "15s"',
  });
}

/** One set of matchers for each `match[]`. */
export function toSets(value: string | string[] | undefined): Matcher[][] {
  return [value ?? []].flat().map((selector) => parseSelector(selector).matchers);
}
