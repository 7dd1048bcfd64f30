import type { SeriesKey } from "#pkg/contracts/samples.ts";
import { createByteReader, createByteWriter } from "./bytes.ts";
import { type Catalogue, kinds } from "./catalogue.ts";

/** Series with ids from `first` on, as they were made: what the log keeps so that ids survive. */
export interface SeriesRecord {
  first: number;
  keys: SeriesKey[];
}

/** Packs the series from `first` up to the catalogue's size. Series of the same origin in a row share its text. */
export function packSeries(catalogue: Catalogue, first: number): Uint8Array {
  const writer = createByteWriter();
  writer.varint(first);
  writer.varint(catalogue.size - first);
  let previous = -1;
  for (let id = first; id < catalogue.size; id++) {
    const { origin, field, kind } = catalogue.entry(id);
    writer.byte(origin === previous ? 0 : 1);
    if (origin !== previous) {
      const { measurement, flatTags } = catalogue.origin(origin);
      writer.text(measurement);
      writer.varint(flatTags.length / 2);
      for (const text of flatTags) writer.text(text);
      previous = origin;
    }
    writer.text(field);
    writer.byte(kind);
  }
  return Uint8Array.from(writer.take());
}

/** Reads such a record. Throws `RangeError` when the bytes are none. */
export function unpackSeries(bytes: Uint8Array): SeriesRecord {
  const reader = createByteReader(bytes);
  const [first, length] = [reader.varint(), reader.varint()];
  if (length > bytes.length) throw new RangeError("there are more series than bytes");
  const countOf = (count: number) => {
    if (count > bytes.length) throw new RangeError("there are more tags than bytes");
    return count;
  };
  let origin: Pick<SeriesKey, "measurement" | "tags"> = { measurement: "", tags: [] };
  const keys = Array.from({ length }, () => {
    if (reader.byte() === 1) {
      const measurement = reader.text();
      origin = {
        measurement,
        tags: Array.from({ length: countOf(reader.varint()) }, () => [reader.text(), reader.text()] as const),
      };
    }
    const { measurement, tags } = origin;
    return { measurement, tags, field: reader.text(), kind: kinds[reader.byte()] ?? "float" };
  });
  return { first, keys };
}
