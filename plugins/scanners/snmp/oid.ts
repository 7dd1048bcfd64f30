/** An object identifier as arcs. Texts like `1.3.6.1` (a leading dot is allowed) stand at the edges only. */
export type Oid = readonly number[];

const maxArcs = 128;
const maxArc = 0xffff_ffff;

/** Reads `1.3.6.1.2.1.1.1.0`; throws a `RangeError` that repeats the text when it is not an OID. */
export function parseOid(text: string): Oid {
  const arcs = text.replace(/^\./, "").split(".").map(toArc);
  const [first, second] = arcs;
  if (arcs.length < 2 || arcs.length > maxArcs || arcs.some(Number.isNaN)) throw new RangeError(`not an OID: ${text}`);
  if (first === undefined || first > 2 || (first < 2 && (second ?? 0) > 39))
    throw new RangeError(`not an OID: ${text}`);
  return arcs;
}

function toArc(text: string): number {
  return /^\d{1,10}$/.test(text) && Number(text) <= maxArc ? Number(text) : Number.NaN;
}

/** `1.3.6.1…` */
export function toOidText(oid: Oid): string {
  return oid.join(".");
}

/** Order of a walk: negative when `a` comes first, 0 when equal. */
export function compareOids(a: Oid, b: Oid): number {
  const shared = Math.min(a.length, b.length);
  for (let i = 0; i < shared; i++) {
    const difference = (a[i] ?? 0) - (b[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

/** Whether `oid` is `root` or lies below it. */
export function isWithin(root: Oid, oid: Oid): boolean {
  return oid.length >= root.length && root.every((arc, i) => oid[i] === arc);
}

/** Content bytes of a BER OBJECT IDENTIFIER. */
export function encodeOid(oid: Oid): number[] {
  const [first = 0, second = 0, ...rest] = oid;
  return [first * 40 + second, ...rest].flatMap(encodeArc);
}

function encodeArc(arc: number): number[] {
  const bytes = [arc % 128];
  for (let left = Math.floor(arc / 128); left > 0; left = Math.floor(left / 128)) bytes.unshift((left % 128) | 0x80);
  return bytes;
}

/** Arcs from content bytes; null when they are no OID (empty, cut off, arcs above 32 bits, too many). */
export function decodeOid(bytes: Uint8Array): Oid | null {
  const arcs: number[] = [];
  let arc = 0;
  for (const byte of bytes) {
    arc = arc * 128 + (byte & 0x7f);
    if (arc > maxArc + 80) return null;
    if (byte & 0x80) continue;
    if (arcs.length === 0) arcs.push(...splitFirst(arc));
    else arcs.push(arc);
    if (arcs.length > maxArcs) return null;
    arc = 0;
  }
  const last = bytes.at(-1);
  return last === undefined || last & 0x80 ? null : arcs;
}

function splitFirst(value: number): [number, number] {
  const first = Math.min(2, Math.floor(value / 40));
  return [first, value - first * 40];
}
