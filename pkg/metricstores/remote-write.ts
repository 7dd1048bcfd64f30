import { PbfWriter } from "pbf";
import type { SeriesInfo } from "#pkg/contracts/samples.ts";
import type { SeriesCatalogue } from "#pkg/tsdb/port.ts";
import type { Encode } from "./line-protocol.ts";
import { numberAt, type Rows, stringRow } from "./rows.ts";
import { createSeriesTexts } from "./series-texts.ts";

/** Rows of one series in a request. */
interface SeriesRows {
  labels: Uint8Array;
  rows: number[];
}

/**
 * Prometheus remote write 1.0: a `WriteRequest` without compression. Labels are those that the node's own queries show,
 * sorted; samples of a series ascend in time, the later of two at one time counts. Texts are left out.
 */
export function createRemoteWriter(catalogue: Pick<SeriesCatalogue, "describe">): Encode {
  const labelsOf = createSeriesTexts(catalogue, toLabelBytes);
  return (rows, from, to) => {
    const writer = new PbfWriter(new Uint8Array(128 * 1024));
    const groups = new Map<number, SeriesRows>();
    let leftOut = 0;
    for (let row = from; row < to; row++) {
      const id = rows.series[row] as number;
      if (rows.kind[row] === stringRow) leftOut++;
      else {
        const group = groups.get(id);
        if (group) group.rows.push(row);
        else groups.set(id, { labels: labelsOf(id), rows: [row] });
      }
    }
    const sample: SampleAt = { rows, row: 0 };
    const writeSeries = (group: SeriesRows, into: PbfWriter) => {
      into.realloc(group.labels.length);
      into.buf.set(group.labels, into.pos);
      into.pos += group.labels.length;
      for (const row of inOrder(rows, group.rows)) {
        sample.row = row;
        into.writeMessage(2, writeSample, sample);
      }
    };
    for (const group of groups.values()) writer.writeMessage(1, writeSeries, group);
    return { bytes: Buffer.from(writer.finish()), samples: to - from - leftOut, leftOut };
  };
}

/** One for all samples of a request. */
interface SampleAt {
  rows: Rows;
  row: number;
}

function writeSample({ rows, row }: SampleAt, into: PbfWriter): void {
  into.writeDoubleField(1, numberAt(rows, row));
  into.writeVarintField(2, Math.floor(rows.timeMs[row] as number));
}

/** Rows ascending in time, the last of those at one time. Mostly they are so already. */
function inOrder({ timeMs }: Rows, rows: readonly number[]): readonly number[] {
  const at = (i: number) => timeMs[rows[i] ?? 0] as number;
  if (rows.every((_, i) => i === 0 || at(i) > at(i - 1))) return rows;
  const sorted = rows.toSorted((a, b) => (timeMs[a] as number) - (timeMs[b] as number) || a - b);
  return sorted.filter((row, i) => timeMs[row] !== timeMs[sorted[i + 1] ?? -1]);
}

/** The `labels` of a `TimeSeries`, encoded. */
function toLabelBytes({ labels }: SeriesInfo): Uint8Array {
  const writer = new PbfWriter();
  const sorted = Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1));
  for (const label of sorted) writer.writeMessage(1, writeLabel, label);
  return Uint8Array.from(writer.finish());
}

function writeLabel([name, value]: readonly [string, string], into: PbfWriter): void {
  into.writeStringField(1, name);
  into.writeStringField(2, value);
}
