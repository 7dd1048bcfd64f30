import ipaddr from "ipaddr.js";

/** IPv4 addresses from `first` to `last`, both included, as 32-bit numbers. */
export interface Span {
  first: number;
  last: number;
}

/** Why a text is no range, for people. */
export interface WrongRange {
  wrong: string;
}

/** Reads CIDR (host bits are ignored), a single address or first-last. IPv4 only. */
export function toSpan(text: string): Span | WrongRange {
  const trimmed = text.trim();
  if (trimmed.includes(":")) return { wrong: "IPv6 ranges are not scanned yet" };
  if (trimmed.includes("/")) return cidrSpan(trimmed);
  const [first = "", last = first, ...more] = trimmed.split(/[-–]/).map((part) => part.trim());
  const span = { first: toNumber(first), last: toNumber(last) };
  if (more.length > 0 || span.first === undefined || span.last === undefined) {
    return { wrong: 'it is neither "10.1.0.0/16" nor "10.1.0.7" nor "10.1.0.1-10.1.0.20"' };
  }
  if (span.last < span.first) return { wrong: "its last address lies before its first" };
  return { first: span.first, last: span.last };
}

/** Whether `toSpan` refused. */
export function isWrong(range: Span | WrongRange): range is WrongRange {
  return "wrong" in range;
}

function cidrSpan(text: string): Span | WrongRange {
  if (!ipaddr.IPv4.isValidCIDRFourPartDecimal(text)) return { wrong: "it is no IPv4 network in CIDR form" };
  const [address, bits] = ipaddr.IPv4.parseCIDR(text);
  const size = 2 ** (32 - bits);
  const first = Math.floor(octetsToNumber(address.octets) / size) * size;
  return { first, last: first + size - 1 };
}

function toNumber(text: string): number | undefined {
  return ipaddr.IPv4.isValidFourPartDecimal(text) ? octetsToNumber(ipaddr.IPv4.parse(text).octets) : undefined;
}

const octetsToNumber = (octets: readonly number[]) => octets.reduce((sum, octet) => sum * 256 + octet, 0);

/** `10.1.0.7`. */
export function toAddress(number: number): string {
  return [24, 16, 8, 0].map((shift) => (number >>> shift) & 255).join(".");
}

/** The same addresses, each once, in order. */
export function union(spans: readonly Span[]): Span[] {
  const merged: Span[] = [];
  for (const span of spans.toSorted((a, b) => a.first - b.first)) {
    const open = merged.at(-1);
    if (open && span.first <= open.last + 1) open.last = Math.max(open.last, span.last);
    else merged.push({ ...span });
  }
  return merged;
}

/** What of `spans` is in none of `others`. */
export function subtract(spans: readonly Span[], others: readonly Span[]): Span[] {
  let left = union(spans);
  for (const { first, last } of others) {
    left = left.flatMap((span) =>
      [
        { first: span.first, last: Math.min(span.last, first - 1) },
        { first: Math.max(span.first, last + 1), last: span.last },
      ].filter((part) => part.first <= part.last),
    );
  }
  return left;
}

/** Number of addresses in spans that do not overlap. */
export function countAddresses(spans: readonly Span[]): number {
  return spans.reduce((sum, span) => sum + span.last - span.first + 1, 0);
}

/** Whether the address is in one of the spans. */
export function includes(spans: readonly Span[], address: string): boolean {
  const number = toNumber(address);
  return number !== undefined && spans.some((span) => span.first <= number && number <= span.last);
}

/** Whether two sets share an address. */
export function overlap(a: readonly Span[], b: readonly Span[]): boolean {
  return a.some((one) => b.some((other) => one.first <= other.last && other.first <= one.last));
}

/** All addresses, going round over the /24 networks, so that a pace per network holds up no other network. */
export function* addressesOf(spans: readonly Span[]): Generator<string> {
  for (let host = 0; host < 256; host++) {
    for (const { first, last } of spans) {
      const lastNetwork = Math.floor(last / 256);
      for (let network = Math.floor(first / 256); network <= lastNetwork; network++) {
        const address = network * 256 + host;
        if (first <= address && address <= last) yield toAddress(address);
      }
    }
  }
}
