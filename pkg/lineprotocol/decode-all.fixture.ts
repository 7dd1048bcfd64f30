import type { SampleBatch } from "#pkg/contracts/samples.ts";
import { createDecoder } from "./decoder.ts";
import type { DecodeOptions, Intern, RejectedLine } from "./port.ts";

/** The time of arrival in these tests. */
export const nowMs = 1_700_000_000_123;

export interface Sample {
  /** `measurement,tag=value field kind`, without escapes. */
  series: string;
  timeMs: number;
  /** Integers as decimal text. */
  value: number | string | boolean;
}

/** Decodes a body into plain objects, in the order of its lines as far as the columns keep it. */
export function decodeAll(
  body: Uint8Array,
  options: Partial<DecodeOptions> & { intern?: Intern; maxNames?: number } = {},
): { samples: Sample[]; rejected: RejectedLine[]; rejectedCount: number } {
  const names: string[] = [];
  const decoder = createDecoder({
    intern: options.intern ?? namingIntern(names),
    nowMs: () => nowMs,
    maxNames: options.maxNames ?? 1 << 20,
  });
  const samples: Sample[] = [];
  const rejected: RejectedLine[] = [];
  let rejectedCount = 0;
  const bounds = { oldestMs: nowMs - 86_400_000, newestMs: nowMs + 86_400_000 };
  for (const part of decoder.parts(body, { precision: "ns", ...bounds, ...options })) {
    for (const sample of toSamples(part.batch, names)) samples.push(sample);
    rejected.push(...part.rejected);
    rejectedCount += part.rejectedCount;
  }
  return { samples, rejected, rejectedCount };
}

function namingIntern(names: string[]): Intern {
  const ids = new Map<string, number>();
  return (measurement, tags, field, kind) => {
    const series = `${[measurement, ...tags.map(([key, value]) => `${key}=${value}`)].join(",")} ${field} ${kind}`;
    const id = ids.get(series) ?? ids.size;
    ids.set(series, id);
    names[id] = series;
    return id;
  };
}

function toSamples(batch: SampleBatch, names: readonly string[]): Sample[] {
  const samples: Sample[] = [];
  const columns = [
    { column: batch.floats, value: (at: number) => batch.floats.value[at] ?? Number.NaN },
    { column: batch.ints, value: (at: number) => String(batch.ints.value[at]) },
    { column: batch.bools, value: (at: number) => batch.bools.value[at] === 1 },
    { column: batch.strings, value: (at: number) => batch.strings.value[at] ?? "" },
  ];
  for (const { column, value } of columns) {
    for (let at = 0; at < column.length; at++) {
      const series = names[column.series[at] ?? -1] ?? "";
      samples.push({ series, timeMs: column.timeMs[at] ?? Number.NaN, value: value(at) });
    }
  }
  return samples;
}
