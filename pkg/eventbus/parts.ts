/** The log is cut by key into so many parts; each is consumed by one node at a time. Stored with events: never changes. */
export const partCount = 8;

/** The part of a key (FNV-1a). */
export function partOf(key: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < key.length; at++) hash = Math.imul(hash ^ key.charCodeAt(at), 0x01000193);
  return (hash >>> 16) % partCount;
}
