import { integer, oid as oidValue, text } from "./ber.ts";

/** One object instance: where it stands and what it holds now, encoded. */
export interface MibEntry {
  oid: readonly number[];
  /** Counter64 does not exist in version 1. */
  isCounter64: boolean;
  read(nowMs: number): Buffer;
}

/** A value of now; numbers are rounded. */
export type Live = number | ((nowMs: number) => number);

const tags = { integer: 0x02, counter: 0x41, gauge: 0x42, ticks: 0x43, counter64: 0x46 } as const;

function numeric(type: keyof typeof tags) {
  return (oid: string, value: Live): MibEntry => ({
    oid: parseOid(oid),
    isCounter64: type === "counter64",
    read: (nowMs) => integer(toRange(type, typeof value === "number" ? value : value(nowMs)), tags[type]),
  });
}

/** Entries by type: `entry.gauge("1.3.6…", 5)`, or with a function of the time. */
export const entry = {
  integer: numeric("integer"),
  counter: numeric("counter"),
  gauge: numeric("gauge"),
  ticks: numeric("ticks"),
  counter64: numeric("counter64"),
  text: (oid: string, value: string): MibEntry => ({ oid: parseOid(oid), isCounter64: false, read: () => text(value) }),
  oid: (oid: string, value: string): MibEntry => ({
    oid: parseOid(oid),
    isCounter64: false,
    read: () => oidValue(parseOid(value)),
  }),
};

function toRange(type: keyof typeof tags, value: number): number | bigint {
  if (type === "integer") return Math.max(-(2 ** 31), Math.min(2 ** 31 - 1, Math.round(value)));
  const whole = BigInt(Math.max(0, Math.round(value)));
  // 32-bit counters and ticks start again at 0, a gauge stays at its top.
  if (type === "gauge") return whole > 0xffff_ffffn ? 0xffff_ffffn : whole;
  return type === "counter64" ? BigInt.asUintN(64, whole) : BigInt.asUintN(32, whole);
}

export function parseOid(text: string): number[] {
  return text.split(".").map(Number);
}

/** Every instance of a device, in the order of their OIDs. */
export interface Mib {
  get(oid: readonly number[]): MibEntry | undefined;
  /** The first behind `oid`. */
  next(oid: readonly number[], version: number): MibEntry | undefined;
}

export function createMib(entries: readonly MibEntry[]): Mib {
  const sorted = entries.toSorted((a, b) => compare(a.oid, b.oid));
  /** Index of the first entry at or behind `oid`. */
  const seek = (oid: readonly number[]) => {
    let [low, high] = [0, sorted.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      const at = sorted[middle];
      if (at && compare(at.oid, oid) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  };
  return {
    get(oid) {
      const found = sorted[seek(oid)];
      return found && compare(found.oid, oid) === 0 ? found : undefined;
    },
    next(oid, version) {
      for (let index = seek(oid); index < sorted.length; index++) {
        const found = sorted[index];
        if (!found || compare(found.oid, oid) === 0 || (found.isCounter64 && version === 0)) continue;
        return found;
      }
      return undefined;
    },
  };
}

function compare(a: readonly number[], b: readonly number[]): number {
  for (let index = 0; index < a.length && index < b.length; index++) {
    const difference = (a[index] ?? 0) - (b[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}
