const unitBytes: Record<string, number> = { K: 1024, M: 1024 ** 2, G: 1024 ** 3 };

/** JSON schema pattern of a size, for configuration. */
export const sizePattern = "^[1-9]\\d*[KMG]i?B$";

/** Bytes of a size such as `10GB` or `10GiB` (1 MB is 1,048,576 bytes), for text that the schema has checked. */
export function parseSize(text: string): number {
  const match = /^(\d+)([KMG])i?B$/.exec(text);
  if (!match) throw new RangeError(`"${text}" is no size; write for example "10GB"`);
  return Number(match[1]) * (unitBytes[match[2] ?? ""] ?? Number.NaN);
}

/** A number of bytes for people. */
export function toSizeText(bytes: number): string {
  const units = ["B", "KB", "MB", "GB", "TB"];
  let [value, unit] = [bytes, 0];
  for (; value >= 1024 && unit < units.length - 1; unit++) value /= 1024;
  return `${unit === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${units[unit]}`;
}
