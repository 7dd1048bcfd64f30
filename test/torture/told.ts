/** A field's value as the store keeps it; integers as bigint. */
export type Value = number | bigint | boolean | string;

/** One sample as a client sent it. */
export interface ToldSample {
  /** `measurement field kind device part` */
  series: string;
  timeMs: number;
  value: Value;
}

/** One body of line protocol. Its samples are stored all or none. */
export interface Body {
  text: string;
  samples: readonly ToldSample[];
  /** Series and time of the mark that only this body writes. */
  mark: ToldSample;
}

/** What the clients were told is stored: the newest acknowledged value of each series and time, and what was judged. */
export interface Told {
  values: Map<string, Map<number, Value>>;
  /** Acknowledged samples in the order of the log, series by series, for the reference judge. */
  bodies: number;
  samples: number;
  take(body: Body): void;
}

export function createTold(judge: (sample: ToldSample) => void): Told {
  const told: Told = {
    values: new Map(),
    bodies: 0,
    samples: 0,
    take(body) {
      told.bodies++;
      for (const sample of body.samples) {
        const series = told.values.get(sample.series) ?? new Map<number, Value>();
        told.values.set(sample.series, series.set(sample.timeMs, sample.value));
        told.samples++;
        judge(sample);
      }
    },
  };
  return told;
}
