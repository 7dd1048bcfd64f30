import { readSigned, readUnsigned } from "./ber.ts";
import { decodeOid, type Oid, toOidText } from "./oid.ts";

/** One value out of an answer. `none`: the agent says that there is nothing there. */
export type SnmpValue =
  | { type: "number"; value: number }
  | { type: "text"; bytes: Uint8Array }
  | { type: "oid"; oid: Oid }
  | { type: "address"; bytes: Uint8Array }
  | { type: "none"; end: boolean };

/** BER tags of SNMP's values. */
export const tags = {
  integer: 0x02,
  octets: 0x04,
  null: 0x05,
  oid: 0x06,
  sequence: 0x30,
  ipAddress: 0x40,
  counter32: 0x41,
  gauge32: 0x42,
  timeTicks: 0x43,
  opaque: 0x44,
  counter64: 0x46,
  noSuchObject: 0x80,
  noSuchInstance: 0x81,
  endOfMibView: 0x82,
} as const;

const maxTextChars = 255;

/** The value of one element; null when its content does not fit its tag. */
export function decodeValue(tag: number, content: Uint8Array): SnmpValue | null {
  switch (tag) {
    case tags.integer:
      return numberOf(readSigned(content));
    case tags.counter32:
    case tags.gauge32:
    case tags.timeTicks:
    case tags.counter64:
      return numberOf(readUnsigned(content));
    case tags.octets:
      return { type: "text", bytes: content };
    case tags.oid:
      return oidOf(content);
    case tags.ipAddress:
      return { type: "address", bytes: content };
    case tags.opaque:
      return decodeOpaque(content);
    case tags.null:
    case tags.noSuchObject:
    case tags.noSuchInstance:
      return { type: "none", end: false };
    case tags.endOfMibView:
      return { type: "none", end: true };
    default:
      return null;
  }
}

function numberOf(value: number | null): SnmpValue | null {
  return value === null ? null : { type: "number", value };
}

function oidOf(content: Uint8Array): SnmpValue | null {
  const oid = decodeOid(content);
  return oid && { type: "oid", oid };
}

/** Opaque holds floats in net-snmp's wrapping (9F78, 9F79); anything else in it stays bytes. */
function decodeOpaque(content: Uint8Array): SnmpValue {
  const view = new DataView(content.buffer, content.byteOffset, content.byteLength);
  if (content[0] === 0x9f && content[1] === 0x78 && content[2] === 4 && content.length === 7) {
    return { type: "number", value: view.getFloat32(3) };
  }
  if (content[0] === 0x9f && content[1] === 0x79 && content[2] === 8 && content.length === 11) {
    return { type: "number", value: view.getFloat64(3) };
  }
  return { type: "text", bytes: content };
}

/** The value as a number: numbers, and texts that are nothing but a decimal number. Null for all else. */
export function toNumber(value: SnmpValue): number | null {
  if (value.type === "number") return Number.isFinite(value.value) ? value.value : null;
  if (value.type !== "text") return null;
  const text = Buffer.from(value.bytes).toString("latin1").replace(/\0+$/, "").trim();
  return /^[+-]?(\d+\.?\d*|\.\d+)$/.test(text) ? Number(text) : null;
}

/** The value as text, as the device said it (hostile), at most 255 characters; null when it is empty or not there. */
export function toText(value: SnmpValue): string | null {
  if (value.type === "number") return String(value.value);
  if (value.type === "oid") return toOidText(value.oid);
  if (value.type === "address") return [...value.bytes].join(".");
  if (value.type === "none") return null;
  const text = Buffer.from(value.bytes).toString("utf8").replace(/\0+$/, "").trim();
  return text === "" ? null : text.slice(0, maxTextChars);
}
