// Loops over samples: plain `for` over typed arrays.
import { ownMeasurement, type SampleBatch } from "#pkg/contracts/samples.ts";
import type { MetricStore } from "#pkg/tsdb/port.ts";

/** When each device last delivered: the newest sample time of any series with its `device` label. */
export interface LastSeen {
  observe(batch: SampleBatch): void;
  get(deviceKey: string): number | undefined;
  /** The node's clock went back: times ahead of `nowMs` were taken by the old one. */
  clockWentBack(byMs: number, nowMs: number): void;
}

const unknown = -2;
const noDevice = -1;

export function createLastSeen(store: Pick<MetricStore, "catalogue" | "newest">): LastSeen {
  // By series id: the device's place in `times`.
  let placeOfSeries = new Int32Array(1024).fill(unknown);
  let times = new Float64Array(64);
  const places = new Map<string, number>();
  const placeOf = (deviceKey: string) => {
    const known = places.get(deviceKey);
    if (known !== undefined) return known;
    const place = places.size;
    places.set(deviceKey, place);
    if (place === times.length) times = grown(times, new Float64Array(place * 2));
    times[place] = newestOf(store, deviceKey);
    return place;
  };
  const learn = (series: number) => {
    const { labels, measurement } = store.catalogue.describe(series);
    const deviceKey = labels["device"];
    const place = deviceKey === undefined || measurement === ownMeasurement ? noDevice : placeOf(deviceKey);
    placeOfSeries[series] = place;
    return place;
  };
  const makeRoom = () => {
    const { size } = store.catalogue;
    if (size <= placeOfSeries.length) return;
    placeOfSeries = grown(placeOfSeries, new Int32Array(Math.max(size, placeOfSeries.length * 2)).fill(unknown));
  };
  const observeColumn = (length: number, series: Uint32Array, timeMs: Float64Array) => {
    // Indexes are below the lengths made for them, hence `as number`.
    for (let i = 0; i < length; i++) {
      const id = series[i] as number;
      const known = placeOfSeries[id] as number;
      const place = known === unknown ? learn(id) : known;
      if (place >= 0 && (timeMs[i] as number) > (times[place] as number)) times[place] = timeMs[i] as number;
    }
  };
  return {
    observe({ floats, ints, bools, strings }) {
      makeRoom();
      observeColumn(floats.length, floats.series, floats.timeMs);
      observeColumn(ints.length, ints.series, ints.timeMs);
      observeColumn(bools.length, bools.series, bools.timeMs);
      observeColumn(strings.length, strings.series, strings.timeMs);
    },
    get(deviceKey) {
      const place = places.get(deviceKey);
      const time = (place === undefined ? undefined : times[place]) ?? newestOf(store, deviceKey);
      return time === Number.NEGATIVE_INFINITY ? undefined : time;
    },
    clockWentBack(byMs, nowMs) {
      times = times.map((time) => (time > nowMs ? time - byMs : time));
    },
  };
}

/** What the store knows from before the start. */
function newestOf({ catalogue, newest }: Pick<MetricStore, "catalogue" | "newest">, deviceKey: string): number {
  let newestMs = Number.NEGATIVE_INFINITY;
  for (const id of catalogue.select([{ name: "device", op: "=", value: deviceKey }])) {
    if (catalogue.describe(id).measurement === ownMeasurement) continue;
    newestMs = Math.max(newestMs, newest(id)?.timeMs ?? Number.NEGATIVE_INFINITY);
  }
  return newestMs;
}

function grown<T extends Float64Array | Int32Array>(old: T, larger: T): T {
  larger.set(old);
  return larger;
}
