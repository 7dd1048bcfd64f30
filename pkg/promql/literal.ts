/** Value of PromQL's number literal: decimal, hex, `1_000`, `1e3`, `Inf`, `NaN`, signed, or a duration in seconds (`5m` is 300). */
export function toNumber(text: string): number | undefined {
  const [, sign, body] = /^\s*([+-]?)\s*(.*?)\s*$/s.exec(text) ?? [];
  if (body === undefined || body === "") return undefined;
  const size = toMagnitude(body.replaceAll("_", ""));
  return size === undefined ? undefined : sign === "-" ? -size : size;
}

function toMagnitude(body: string): number | undefined {
  if (/^inf$/i.test(body)) return Number.POSITIVE_INFINITY;
  if (/^nan$/i.test(body)) return Number.NaN;
  if (/^(0x[0-9a-f]+|(\d+\.?\d*|\.\d+)(e[+-]?\d+)?)$/i.test(body)) return Number(body);
  return toSeconds(body);
}

const unitsS: Record<string, number> = { ms: 0.001, s: 1, m: 60, h: 3600, d: 86_400, w: 604_800, y: 31_536_000 };

function toSeconds(body: string): number | undefined {
  if (!/^(\d+(ms|[smhdwy]))+$/.test(body)) return undefined;
  let seconds = 0;
  for (const [, amount, unit] of body.matchAll(/(\d+)(ms|[smhdwy])/g))
    seconds += Number(amount) * (unitsS[unit ?? ""] ?? 0);
  return seconds;
}

const plainEscapes: Record<string, number> = {
  a: 7,
  b: 8,
  f: 12,
  n: 10,
  r: 13,
  t: 9,
  v: 11,
  "\\": 92,
  '"': 34,
  "'": 39,
};

/** Text of a quoted PromQL string (Go's escapes; backquotes take all as it stands). Undefined for an escape that is none. */
export function toText(quoted: string): string | undefined {
  const inner = quoted.slice(1, -1);
  if (quoted.startsWith("`") || !inner.includes("\\")) return inner;
  const parts: Uint8Array[] = [];
  const piece = /\\(?:([abfnrtv\\"'])|x([0-9a-fA-F]{2})|([0-7]{3})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8}))|[^\\]+/gy;
  while (piece.lastIndex < inner.length) {
    const match = piece.exec(inner);
    const bytes = match && toBytes(match);
    if (!bytes) return undefined;
    parts.push(bytes);
  }
  return Buffer.concat(parts).toString("utf8");
}

/** `\x` and octal escapes are bytes of UTF-8, not characters: therefore bytes, not text. */
function toBytes([whole, plain, hex, octal, short, long]: RegExpExecArray): Uint8Array | undefined {
  if (plain !== undefined) return Uint8Array.of(plainEscapes[plain] ?? 0);
  if (hex !== undefined) return Uint8Array.of(Number.parseInt(hex, 16));
  if (octal !== undefined)
    return Number.parseInt(octal, 8) < 256 ? Uint8Array.of(Number.parseInt(octal, 8)) : undefined;
  const point = short ?? long;
  if (point === undefined) return Buffer.from(whole, "utf8");
  return Number.parseInt(point, 16) <= 0x10ffff
    ? Buffer.from(String.fromCodePoint(Number.parseInt(point, 16)))
    : undefined;
}
