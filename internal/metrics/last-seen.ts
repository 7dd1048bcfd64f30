// Loops over samples: plain `for` over typed arrays.
import { ownMeasurement, type SampleBatch } from "#pkg/contracts/samples.ts";
import type { MetricStore } from "#pkg/tsdb/port.ts";

/** When each device last delivered: the newest sample time of any series with its `device` label. */
export interface LastSeen {
  observe(batch: SampleBatch): void;
  get(deviceKey: string): number | undefined;
}

export function createLastSeen(store: Pick<MetricStore, "catalogue" | "newest">): LastSeen {
  // By series id: the device's place in `times`, or -1 for a series without a device.
  const placeOfSeries: number[] = [];
  const places = new Map<string, number>();
  const times: number[] = [];
  const placeOf = (deviceKey: string) => {
    const known = places.get(deviceKey);
    if (known !== undefined) return known;
    places.set(deviceKey, times.length);
    return times.push(newestOf(store, deviceKey)) - 1;
  };
  const placeOfNew = (series: number) => {
    const { labels, measurement } = store.catalogue.describe(series);
    const deviceKey = labels["device"];
    const place = deviceKey === undefined || measurement === ownMeasurement ? -1 : placeOf(deviceKey);
    while (placeOfSeries.length <= series) placeOfSeries.push(-2);
    placeOfSeries[series] = place;
    return place;
  };
  return {
    observe(batch) {
      for (const { length, series, timeMs } of [batch.floats, batch.ints, batch.bools, batch.strings]) {
        for (let i = 0; i < length; i++) {
          const [id, time] = [series[i] ?? 0, timeMs[i] ?? 0];
          const known = placeOfSeries[id] ?? -2;
          const place = known === -2 ? placeOfNew(id) : known;
          if (place >= 0 && time > (times[place] ?? 0)) times[place] = time;
        }
      }
    },
    get(deviceKey) {
      const time = times[places.get(deviceKey) ?? -1] ?? newestOf(store, deviceKey);
      return time === Number.NEGATIVE_INFINITY ? undefined : time;
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
