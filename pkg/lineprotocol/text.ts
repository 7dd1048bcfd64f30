/** UTF-8 that has been checked, as text. */
export function toText(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("utf8");
}

/** Takes the escapes out of a tag key, a tag value or a field name. */
export function unescapeName(raw: string): string {
  return raw.includes("\\") ? raw.replace(/\\([,= ])/g, "$1") : raw;
}
