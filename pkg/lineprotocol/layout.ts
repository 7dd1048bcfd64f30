import { grownInts, NameTable } from "./name-table.ts";
import { unescapeName } from "./text.ts";

/** Kinds by number, as `Layout` counts them. */
export const kinds = ["float", "int", "bool", "string"] as const;
export const floatKind = 0;
export const intKind = 1;
export const boolKind = 2;
export const stringKind = 3;

/**
 * What is remembered of lines seen before: the raw series keys, below each the raw names of its fields in the order
 * they came, and the series id of each field and kind.
 */
export class Layout {
  readonly keys = new NameTable();
  /** Names with the `=` behind them. */
  readonly fields = new NameTable();
  #firstField: Int32Array = new Int32Array(64).fill(-1);
  #series: Int32Array = new Int32Array(64 * kinds.length).fill(-1);

  addKey(body: Uint8Array, start: number, end: number, hash: number): number {
    const key = this.keys.add(0, body, start, end, hash);
    if (key >= this.#firstField.length) this.#firstField = grownInts(this.#firstField, key * 2);
    return key;
  }

  addField(key: number, body: Uint8Array, start: number, end: number, hash: number): number {
    const field = this.fields.add(key, body, start, end, hash);
    if (field * kinds.length >= this.#series.length) this.#series = grownInts(this.#series, field * 2 * kinds.length);
    return field;
  }

  /** The field that a line of this key is expected to begin with, or -1. */
  firstField(key: number): number {
    return this.#firstField[key] ?? -1;
  }

  /** The name of a field as its writer meant it. */
  fieldName(field: number): string {
    return unescapeName(this.fields.textOf(field).slice(0, -1));
  }

  /** Learns that `field` follows `before` (-1: begins the line). */
  expect(key: number, before: number, field: number): void {
    if (before < 0) this.#firstField[key] = field;
    else this.fields.next[before] = field;
  }

  /** Series id, or -1 when it was not asked for yet. */
  seriesOf(field: number, kind: number): number {
    return this.#series[field * kinds.length + kind] ?? -1;
  }

  setSeries(field: number, kind: number, id: number): void {
    this.#series[field * kinds.length + kind] = id;
  }

  /** Whether as much is remembered as may be: so many names, or 64 MiB of their bytes. */
  isFull(maxNames: number): boolean {
    return this.keys.count + this.fields.count >= maxNames || this.keys.bytes + this.fields.bytes >= maxNameBytes;
  }
}

const maxNameBytes = 64 << 20;
