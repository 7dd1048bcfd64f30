import type { Reading } from "#pkg/contracts/reading.ts";

/**
 * Telegraf's inputs give every field of a device in one metric. Parts (phase, outlet …) travel in the field's name,
 * `quantity;key=value;key=value*factor`, and a Starlark processor of ours takes the name apart. `%`, `;`, `=` and `*`
 * inside a piece are percent-escaped.
 */
export function toFieldName(reading: Reading, factor = 1): string {
  const tags = Object.entries(reading.tags)
    .filter(([, value]) => cleanTagValue(value) !== "")
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => `;${escapePiece(cleanTagKey(key))}=${escapePiece(cleanTagValue(value))}`);
  return `${escapePiece(reading.field)}${tags.join("")}${factor === 1 ? "" : `*${factor}`}`;
}

/** Letters and digits of any script and `_`; all else, which queries could not name, becomes `_`. */
export function cleanTagKey(key: string): string {
  return key.toWellFormed().replaceAll(/[^\p{L}\p{N}_]/gu, "_") || "_";
}

/** Line protocol cannot carry a backslash at the end of a tag value or an empty one. */
export function cleanTagValue(value: string): string {
  return value.slice(0, 256).toWellFormed().replace(/\\+$/, "");
}

function escapePiece(text: string): string {
  return text.replaceAll("%", "%25").replaceAll(";", "%3B").replaceAll("=", "%3D").replaceAll("*", "%2A");
}
