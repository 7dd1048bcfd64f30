import type { SampleBatch } from "#pkg/contracts/samples.ts";
import type { Intern } from "#pkg/lineprotocol/port.ts";

/** Gives each series an id, and its name again. */
export interface SeriesNames {
  intern: Intern;
  nameOf(id: number): string;
}

export function createSeriesNames(): SeriesNames {
  const names: string[] = [];
  const ids = new Map<string, number>();
  return {
    intern(measurement, tags, field, kind) {
      const series = `${[measurement, ...tags.map(([key, value]) => `${key}=${value}`)].join(",")} ${field} ${kind}`;
      const id = ids.get(series) ?? names.push(series) - 1;
      ids.set(series, id);
      return id;
    },
    nameOf: (id) => names[id] ?? `no series ${id}`,
  };
}

/** The samples of a batch as text, column by column. */
export function toSamples({ floats, ints, bools, strings }: SampleBatch, names: SeriesNames): string[] {
  const samples: string[] = [];
  for (const column of [floats, ints, bools, strings]) {
    for (let at = 0; at < column.length; at++) {
      const value = column === bools ? column.value[at] === 1 : column.value[at];
      const text = Object.is(value, -0) ? "-0" : String(value);
      samples.push(`${names.nameOf(column.series[at] ?? -1)} ${column.timeMs[at]} ${text}`);
    }
  }
  return samples;
}
