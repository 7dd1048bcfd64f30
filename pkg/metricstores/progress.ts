import type { Clock } from "#pkg/clock/port.ts";
import type { LogPosition } from "#pkg/contracts/samples.ts";
import type { LogHold, MetricStore } from "#pkg/tsdb/port.ts";
import type { PlaceFile } from "./place-file.ts";
import type { Place } from "./port.ts";

export interface ProgressDeps {
  source: Pick<MetricStore, "hold" | "stats">;
  file: PlaceFile;
  clock: Pick<Clock, "now">;
  /** What a store took within this time before it died may be gone there. */
  forgetsMs: number;
}

/** How far a store has come, in memory, on disk, and in what the log may drop. */
export interface Progress {
  readonly place: Place;
  /** Everything up to here is with the store, or counted as given up or refused. Throws `AppError("unavailable")`. */
  arrive(upTo: LogPosition): void;
  /** Goes back to what surely outlived the store's death. Returns whether that is further back. */
  rewind(): boolean;
  /** The store is no longer wanted when `forget`. */
  close(forget: boolean): void;
}

/** The log goes only up to a place that outlives a power cut. */
const syncEveryMs = 5000;
/** Places are remembered at most this often. */
const markEveryMs = 500;

export function openProgress({ source, file, clock, forgetsMs }: ProgressDeps): Progress {
  const place = readPlace(file, source.stats().logPosition);
  file.write(place, { isSynced: true });
  const hold: LogHold = source.hold(place.settled);
  const marks = [place.settled, place.position].map((position) => ({ position, atMs: clock.now() }));
  let syncedMs = clock.now();
  const mark = (position: LogPosition) => {
    const nowMs = clock.now();
    if (nowMs - (marks.at(-1)?.atMs ?? 0) >= markEveryMs || forgetsMs === 0) marks.push({ position, atMs: nowMs });
    while (marks[1] && nowMs - marks[1].atMs >= forgetsMs) marks.shift();
    place.settled = Math.max(place.settled, marks[0]?.position ?? 0);
  };
  return {
    place,
    arrive(upTo) {
      place.position = upTo;
      mark(upTo);
      const isSynced = clock.now() - syncedMs >= syncEveryMs;
      file.write(place, { isSynced });
      if (!isSynced) return;
      syncedMs = clock.now();
      hold.release(place.settled);
    },
    rewind() {
      if (place.settled >= place.position) return false;
      place.position = place.settled;
      file.write(place, { isSynced: false });
      return true;
    },
    close(forget) {
      if (forget) file.remove();
      hold.end();
    },
  };
}

function readPlace(file: PlaceFile, newest: LogPosition): Place {
  const found = file.read() ?? { position: newest, settled: newest, sent: 0, givenUp: 0, refused: 0, leftOut: 0 };
  // A log that began anew (the store's folder was replaced) is sent whole.
  return found.position > newest ? { ...found, position: 0, settled: 0 } : found;
}
