/** Where the columns of an unpacked batch find room. Ids and times come with any content and are filled by the caller. */
export interface BatchRoom {
  ids(column: number, length: number): Uint32Array;
  times(column: number, length: number): Float64Array;
  /** Memory of at least so many bytes. */
  values(column: number, bytes: number): ArrayBuffer;
}

/** Room of its own for each batch: who gets it may keep it. */
export const ownBatchRoom: BatchRoom = {
  ids: (_column, length) => new Uint32Array(length),
  times: (_column, length) => new Float64Array(length),
  values: (_column, bytes) => new ArrayBuffer(bytes),
};

/** Room that the next batch uses again: reading a long log makes no garbage. Columns are as long as the longest so far. */
export function createSharedBatchRoom(): BatchRoom {
  const ids: Uint32Array[] = [];
  const times: Float64Array[] = [];
  const values: ArrayBuffer[] = [];
  return {
    ids: (column, length) => larger(ids, column, length, (room) => new Uint32Array(room)),
    times: (column, length) => larger(times, column, length, (room) => new Float64Array(room)),
    values(column, bytes) {
      const known = values[column];
      if (known && known.byteLength >= bytes) return known;
      const made = new ArrayBuffer(8 * Math.ceil(bytes / 4));
      values[column] = made;
      return made;
    },
  };
}

function larger<A extends { length: number }>(
  known: (A | undefined)[],
  column: number,
  length: number,
  make: (room: number) => A,
): A {
  const has = known[column];
  if (has && has.length >= length) return has;
  const made = make(length * 2);
  known[column] = made;
  return made;
}
