import { element, integerBytes, readElement, readSigned } from "./ber.ts";
import { decodeOid, encodeOid, type Oid } from "./oid.ts";
import { decodeValue, type SnmpValue, tags } from "./value.ts";

export type SnmpVersion = "1" | "2c";

/** PDU tags that we send or take. There is no SetRequest here, so nothing can ever be written. */
export const pdus = { get: 0xa0, getNext: 0xa1, response: 0xa2, getBulk: 0xa5 } as const;

export interface SnmpRequest {
  version: SnmpVersion;
  community: string;
  pdu: typeof pdus.get | typeof pdus.getNext | typeof pdus.getBulk;
  /** 1 … 2^31 - 1; always sent as four bytes, so that it can be patched in place. */
  requestId: number;
  oids: readonly Oid[];
  /** GETBULK only. */
  maxRepetitions?: number;
}

export interface VarBind {
  oid: Oid;
  value: SnmpValue;
}

export interface SnmpResponse {
  version: SnmpVersion;
  community: string;
  requestId: number;
  /** 0 is no error, 1 tooBig, 2 noSuchName, 5 genErr … */
  errorStatus: number;
  /** 1 is the first varbind. */
  errorIndex: number;
  varBinds: VarBind[];
}

const maxVarBinds = 512;

/** A request's bytes, and where its four request id bytes stand. */
export function encodeRequest(request: SnmpRequest): { bytes: Buffer; requestIdOffset: number } {
  const bindings = request.oids.map((oid) =>
    element(tags.sequence, element(tags.oid, Uint8Array.from(encodeOid(oid))), element(tags.null)),
  );
  const id = Buffer.alloc(4);
  id.writeInt32BE(request.requestId);
  const afterId = Buffer.concat([
    element(tags.integer, integerBytes(0)),
    element(tags.integer, integerBytes(request.pdu === pdus.getBulk ? (request.maxRepetitions ?? 10) : 0)),
    element(tags.sequence, ...bindings),
  ]);
  const bytes = Buffer.from(
    element(
      tags.sequence,
      element(tags.integer, Uint8Array.of(request.version === "1" ? 0 : 1)),
      element(tags.octets, Buffer.from(request.community, "utf8")),
      element(request.pdu, element(tags.integer, id), afterId),
    ),
  );
  return { bytes, requestIdOffset: bytes.length - afterId.length - id.length };
}

/** A GetResponse; null for anything else, cut off or malformed. Trailing bytes are ignored. */
export function decodeResponse(bytes: Uint8Array): SnmpResponse | null {
  const message = readElement(bytes, 0, bytes.length);
  if (message?.tag !== tags.sequence) return null;
  const version = readElement(bytes, message.start, message.end);
  const community = version && readElement(bytes, version.end, message.end);
  const pdu = community && readElement(bytes, community.end, message.end);
  if (version?.tag !== tags.integer || community?.tag !== tags.octets || pdu?.tag !== pdus.response) return null;
  const versionNumber = readSigned(bytes.subarray(version.start, version.end));
  if (versionNumber !== 0 && versionNumber !== 1) return null;
  const header = readIntegers(bytes, pdu.start, pdu.end);
  if (!header) return null;
  const varBinds = readVarBinds(bytes, header.next, pdu.end);
  if (!varBinds) return null;
  const [requestId, errorStatus, errorIndex] = header.values;
  return {
    version: versionNumber === 0 ? "1" : "2c",
    community: Buffer.from(bytes.subarray(community.start, community.end)).toString("utf8"),
    requestId,
    errorStatus,
    errorIndex,
    varBinds,
  };
}

/** Request id, error status, error index. */
function readIntegers(bytes: Uint8Array, start: number, end: number) {
  const values: number[] = [];
  let next = start;
  for (let i = 0; i < 3; i++) {
    const found = readElement(bytes, next, end);
    const value = found?.tag === tags.integer ? readSigned(bytes.subarray(found.start, found.end)) : null;
    if (!found || value === null) return null;
    values.push(value);
    next = found.end;
  }
  const [requestId = 0, errorStatus = 0, errorIndex = 0] = values;
  return { values: [requestId, errorStatus, errorIndex] as const, next };
}

function readVarBinds(bytes: Uint8Array, start: number, end: number): VarBind[] | null {
  const list = readElement(bytes, start, end);
  if (list?.tag !== tags.sequence) return null;
  const varBinds: VarBind[] = [];
  for (let next = list.start; next < list.end; ) {
    const pair = readElement(bytes, next, list.end);
    const varBind = pair && pair.tag === tags.sequence ? readVarBind(bytes, pair.start, pair.end) : null;
    if (!pair || !varBind || varBinds.length === maxVarBinds) return null;
    varBinds.push(varBind);
    next = pair.end;
  }
  return varBinds;
}

function readVarBind(bytes: Uint8Array, start: number, end: number): VarBind | null {
  const name = readElement(bytes, start, end);
  const content = name && readElement(bytes, name.end, end);
  if (name?.tag !== tags.oid || !content) return null;
  const oid = decodeOid(bytes.subarray(name.start, name.end));
  const value = decodeValue(content.tag, bytes.subarray(content.start, content.end));
  return oid && value && { oid, value };
}
