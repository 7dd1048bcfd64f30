/** The part of snappyjs that is used; it brings no types. */
declare module "snappyjs" {
  /** Snappy's block format. */
  export function compress(bytes: Uint8Array): Uint8Array;
  export function uncompress(bytes: Uint8Array, maxLength?: number): Uint8Array;
}
