import type { SampleBatch } from "#pkg/contracts/samples.ts";
import { createColumns } from "./columns.ts";
import type { Layout } from "./layout.ts";
import type { DecodeOptions, Intern } from "./port.ts";

/** The state of decoding one body. One shape for all bodies: the hot loops read its fields. */
export interface Scan {
  readonly body: Uint8Array;
  readonly view: DataView;
  readonly intern: Intern;
  readonly options: DecodeOptions;
  /** Time of arrival, for lines without a time. */
  readonly nowMs: number;
  layout: Layout;
  batch: SampleBatch;
  /** 32-bit words of `batch.ints.value`, to write integers without making a BigInt. */
  intWords: Int32Array;
  /** Key of the last line, -1 before the first. */
  key: number;
  /** Grows by two with each wrong guess of the next key, sinks by one with each right one; when high, guessing stops. */
  misses: number;
  timeMs: number;
  /** Samples of this line whose series has no id yet: kind, index in the column, field; three numbers each. */
  readonly unnamed: number[];
  /** Why the line is refused, and at which byte; -1 when it is no byte's fault. */
  refusal: string;
  refusedAt: number;
}

export function createScan(
  input: Uint8Array,
  options: DecodeOptions,
  given: { intern: Intern; nowMs: number; layout: Layout },
): Scan {
  // Always a plain Uint8Array: a Buffer has another hidden class, and both together slow the loops down.
  const body = new Uint8Array(input.buffer, input.byteOffset, input.byteLength);
  const batch = createColumns(0);
  return {
    body,
    view: new DataView(body.buffer, body.byteOffset, body.byteLength),
    intern: given.intern,
    options,
    nowMs: given.nowMs,
    layout: given.layout,
    batch,
    intWords: new Int32Array(batch.ints.value.buffer),
    key: -1,
    misses: 0,
    timeMs: 0,
    unnamed: [],
    refusal: "",
    refusedAt: -1,
  };
}

/** Begins a part: empty columns, and the layout of today. */
export function startPart(scan: Scan, layout: Layout, batch: SampleBatch): void {
  scan.batch = batch;
  scan.intWords = new Int32Array(scan.batch.ints.value.buffer);
  if (scan.layout === layout) return;
  scan.layout = layout;
  scan.key = -1;
}

/** The name of a field, quoted, for a reason. */
export function nameOf(scan: Scan, field: number): string {
  return JSON.stringify(scan.layout.fieldName(field));
}

/** Notes why the line is refused; the result stands for "no position". */
export function refuse(scan: Scan, reason: string, at: number): number {
  scan.refusal = reason;
  scan.refusedAt = at;
  return -1;
}
