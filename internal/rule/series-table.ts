/** Series whose times and paces are stored together, as one row. */
export const seriesPerChunk = 4096;

/**
 * What the judge keeps of every series, by series id. A sample inside `low`…`high` changes nothing for any rule.
 * Typed arrays, replaced when they grow: take them anew for each batch.
 */
export interface SeriesTable {
  size: number;
  low: Float64Array;
  high: Float64Array;
  /** Time of the newest judged sample; minus infinity before the first. */
  newestMs: Float64Array;
  /** Node's clock when that sample was judged. */
  arrivedMs: Float64Array;
  /** Usual distance of two samples; 0 while unknown. */
  paceMs: Float32Array;
  /** 1 for chunks that changed since they were last stored. */
  dirtyChunks: Uint8Array;
  /** Number of its labels as `LabelSets` knows them; 0 while nobody asked. */
  labelSet: Int32Array;
  /** Slots that watch the series. */
  slots: (number[] | undefined)[];
}

export function createSeriesTable(): SeriesTable {
  return {
    size: 0,
    low: new Float64Array(0),
    high: new Float64Array(0),
    newestMs: new Float64Array(0),
    arrivedMs: new Float64Array(0),
    paceMs: new Float32Array(0),
    dirtyChunks: new Uint8Array(0),
    labelSet: new Int32Array(0),
    slots: [],
  };
}

/** Makes room for series ids below `size`; new ones are watched by nobody. */
export function growSeries(table: SeriesTable, size: number): void {
  if (size <= table.size) return;
  const from = table.low.length;
  if (size > from) {
    const capacity = Math.max(1024, size, from * 2);
    table.low = grown(table.low, new Float64Array(capacity)).fill(Number.NEGATIVE_INFINITY, from);
    table.high = grown(table.high, new Float64Array(capacity)).fill(Number.POSITIVE_INFINITY, from);
    table.newestMs = grown(table.newestMs, new Float64Array(capacity)).fill(Number.NEGATIVE_INFINITY, from);
    table.arrivedMs = grown(table.arrivedMs, new Float64Array(capacity)).fill(Number.NEGATIVE_INFINITY, from);
    table.paceMs = grown(table.paceMs, new Float32Array(capacity));
    table.labelSet = grown(table.labelSet, new Int32Array(capacity));
    table.dirtyChunks = grown(table.dirtyChunks, new Uint8Array(Math.ceil(capacity / seriesPerChunk)));
  }
  table.size = size;
}

function grown<T extends Float64Array | Float32Array | Int32Array | Uint8Array>(old: T, larger: T): T {
  larger.set(old);
  return larger;
}

/** What stands in `rule_series`: newest times and paces of `seriesPerChunk` series. */
export interface SeriesChunk {
  chunk: number;
  newestMs: Uint8Array;
  paceMs: Uint8Array;
}

/** Copies of the chunks that changed since the last call. */
export function takeDirtyChunks(table: SeriesTable): SeriesChunk[] {
  const chunks: SeriesChunk[] = [];
  for (let chunk = 0; chunk < table.dirtyChunks.length; chunk++) {
    if (table.dirtyChunks[chunk] === 0) continue;
    table.dirtyChunks[chunk] = 0;
    const [from, to] = [chunk * seriesPerChunk, Math.min((chunk + 1) * seriesPerChunk, table.size)];
    chunks.push({
      chunk,
      newestMs: new Uint8Array(table.newestMs.slice(from, to).buffer),
      paceMs: new Uint8Array(table.paceMs.slice(from, to).buffer),
    });
  }
  return chunks;
}

/** Puts stored chunks back; what does not fit the table any more is left out. */
export function loadChunks(table: SeriesTable, chunks: readonly SeriesChunk[]): void {
  for (const { chunk, newestMs, paceMs } of chunks) {
    const [from, room] = [chunk * seriesPerChunk, table.size - chunk * seriesPerChunk];
    if (room <= 0) continue;
    // Copied first: a BLOB may start at an address that a Float64Array cannot take.
    table.newestMs.set(new Float64Array(newestMs.slice().buffer).subarray(0, room), from);
    table.paceMs.set(new Float32Array(paceMs.slice().buffer).subarray(0, room), from);
  }
}
