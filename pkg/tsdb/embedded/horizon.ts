import type { Clock } from "#pkg/clock/port.ts";
import type { Catalogue } from "./catalogue.ts";
import { dayMs, toDay } from "./days.ts";
import { now, type TsdbOptions } from "./options.ts";

/**
 * From when on things are kept, by whole UTC days. What lies before is not shown any more, whether it was dropped
 * already or not. Can be sent to another thread.
 */
export interface Horizon {
  /** Begin of the first day whose samples are kept: first of most series, then of measurements with a retention. */
  fromMs: Float64Array;
  /** Place in `fromMs` by series; 0 for those beyond its end. */
  placeOf: Uint16Array;
  /** First day whose roll-ups are kept. */
  rollupDay: number;
}

/** Begin of the first day whose samples of this series are kept; -Infinity when all are. */
export function keptFromMs({ fromMs, placeOf }: Horizon, id: number): number {
  return fromMs[placeOf[id] ?? 0] ?? Number.NEGATIVE_INFINITY;
}

/** Gives the horizon as it is now: by the clock, and by retentions that may have changed. */
export function createHorizon(
  options: Pick<TsdbOptions, "retentionMs" | "retentions" | "rollupRetentionMs"> & { clock: Clock },
  catalogue: Pick<Catalogue, "size" | "entry" | "origin">,
): () => Horizon {
  let [names, known, placeOf] = ["", 0, new Uint16Array(0)];
  const findPlaces = (measurements: readonly string[]) => {
    const wanted = JSON.stringify(measurements);
    if (wanted !== names) [names, known] = [wanted, 0];
    if (measurements.length === 0) placeOf = new Uint16Array(0);
    else if (placeOf.length < catalogue.size) placeOf = grown(placeOf, catalogue.size);
    if (measurements.length === 0) return;
    for (; known < catalogue.size; known++) {
      const { measurement } = catalogue.origin(catalogue.entry(known).origin);
      placeOf[known] = measurements.indexOf(measurement) + 1;
    }
  };
  return () => {
    const nowMs = options.clock.now();
    const retentions = now(options.retentions ?? noRetentions);
    findPlaces([...retentions.keys()]);
    const all = firstDay(nowMs, now(options.retentionMs ?? null)) * dayMs;
    const own = [...retentions.values()].map((keptMs) => Math.max(all, firstDay(nowMs, keptMs) * dayMs));
    const rollupDay = firstDay(nowMs, now(options.rollupRetentionMs ?? null));
    return { fromMs: Float64Array.of(all, ...own), placeOf, rollupDay };
  };
}

const noRetentions: ReadonlyMap<string, number> = new Map();

function firstDay(nowMs: number, keptMs: number | null): number {
  return keptMs === null ? Number.NEGATIVE_INFINITY : toDay(nowMs - keptMs);
}

function grown(places: Uint16Array<ArrayBuffer>, size: number): Uint16Array<ArrayBuffer> {
  const room = new Uint16Array(size * 2);
  room.set(places);
  return room;
}
