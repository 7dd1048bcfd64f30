// Hot: plain loops over bytes; a class, so that its fields keep one shape for the compiler.

/**
 * Byte strings, each below a parent, numbered from 0 in order of arrival. Bytes live in one arena, so that neither
 * finding nor comparing one makes a string. `next` is the caller's guess of the entry that follows in a body.
 */
export class NameTable {
  count = 0;
  next: Int32Array = new Int32Array(initialEntries).fill(-1);
  #offset: Uint32Array = new Uint32Array(initialEntries);
  #length: Uint32Array = new Uint32Array(initialEntries);
  #hash: Int32Array = new Int32Array(initialEntries);
  #parent: Int32Array = new Int32Array(initialEntries);
  /** Entry number + 1 at the place its hash points to, 0 where free; never more than half full. */
  #slots: Int32Array = new Int32Array(initialEntries * 2);
  /** From `Buffer.alloc`: begins its ArrayBuffer. */
  #arena: Buffer = Buffer.alloc(4096);
  #arenaView: DataView = new DataView(this.#arena.buffer);
  #arenaUsed = 0;

  /** Bytes that all entries together take, without the tables around them. */
  get bytes(): number {
    return this.#arenaUsed;
  }

  lengthOf(entry: number): number {
    return this.#length[entry] ?? 0;
  }

  /** The bytes of an entry, which are UTF-8, as text. */
  textOf(entry: number): string {
    const offset = this.#offset[entry] ?? 0;
    return this.#arena.toString("utf8", offset, offset + this.lengthOf(entry));
  }

  /** Whether the bytes at `pos` begin with the entry's. Compares four at a time. */
  matches(entry: number, body: Uint8Array, view: DataView, pos: number): boolean {
    const length = this.#length[entry] ?? 0;
    if (pos + length > body.length) return false;
    const arena = this.#arenaView;
    const offset = this.#offset[entry] ?? 0;
    let at = 0;
    for (; at + 4 <= length; at += 4) {
      if (view.getInt32(pos + at) !== arena.getInt32(offset + at)) return false;
    }
    for (; at < length; at++) if (view.getUint8(pos + at) !== arena.getUint8(offset + at)) return false;
    return true;
  }

  /** The entry of these bytes below `parent`, or -1. */
  find(parent: number, body: Uint8Array, view: DataView, start: number, end: number, hash: number): number {
    const mask = this.#slots.length - 1;
    const mixed = mix(hash, parent);
    for (let slot = mixed & mask; ; slot = (slot + 1) & mask) {
      const entry = (this.#slots[slot] ?? 0) - 1;
      if (entry < 0) return -1;
      if (this.#hash[entry] !== mixed || this.#parent[entry] !== parent) continue;
      if (this.#length[entry] === end - start && this.matches(entry, body, view, start)) return entry;
    }
  }

  /** Adds bytes that `find` did not find. */
  add(parent: number, body: Uint8Array, start: number, end: number, hash: number): number {
    if (this.count === this.#offset.length) this.#growEntries();
    this.#reserve(end - start);
    const entry = this.count++;
    this.#arena.set(body.subarray(start, end), this.#arenaUsed);
    this.#offset[entry] = this.#arenaUsed;
    this.#length[entry] = end - start;
    this.#arenaUsed += end - start;
    this.#hash[entry] = mix(hash, parent);
    this.#parent[entry] = parent;
    this.#place(entry);
    return entry;
  }

  #place(entry: number): void {
    const mask = this.#slots.length - 1;
    let slot = (this.#hash[entry] ?? 0) & mask;
    while (this.#slots[slot] !== 0) slot = (slot + 1) & mask;
    this.#slots[slot] = entry + 1;
  }

  #growEntries(): void {
    const capacity = this.count * 2;
    this.next = grownInts(this.next, capacity);
    this.#hash = grownInts(this.#hash, capacity);
    this.#parent = grownInts(this.#parent, capacity);
    this.#offset = grownUints(this.#offset, capacity);
    this.#length = grownUints(this.#length, capacity);
    this.#slots = new Int32Array(capacity * 2);
    for (let entry = 0; entry < this.count; entry++) this.#place(entry);
  }

  #reserve(extraBytes: number): void {
    if (this.#arenaUsed + extraBytes <= this.#arena.length) return;
    const grown = Buffer.alloc(Math.max(this.#arena.length * 2, this.#arenaUsed + extraBytes));
    grown.set(this.#arena);
    this.#arena = grown;
    this.#arenaView = new DataView(grown.buffer);
  }
}

const initialEntries = 64;

/** FNV-1a, one byte further. */
export function hashByte(hash: number, byte: number): number {
  return Math.imul(hash ^ byte, 0x01000193);
}

/** Where a hash begins. */
export const hashStart = 0x811c9dc5 | 0;

function mix(hash: number, parent: number): number {
  const mixed = Math.imul(hash ^ Math.imul(parent + 1, 0x9e3779b1), 0x85ebca6b);
  return mixed ^ (mixed >>> 15);
}

/** A longer copy; new places hold -1. */
export function grownInts(array: Int32Array, capacity: number): Int32Array {
  const grown = new Int32Array(capacity).fill(-1, array.length);
  grown.set(array);
  return grown;
}

function grownUints(array: Uint32Array, capacity: number): Uint32Array {
  const grown = new Uint32Array(capacity);
  grown.set(array);
  return grown;
}
