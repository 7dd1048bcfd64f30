import type { SnmpEndpoint } from "#pkg/contracts/reading.ts";
import { NoAnswer, type SnmpSession } from "./client.ts";
import { pdus, type SnmpResponse } from "./message.ts";
import { compareOids, type Oid, parseOid, toOidText } from "./oid.ts";
import { withoutFaulty } from "./refusal.ts";
import type { SnmpValue } from "./value.ts";
import { type Row, walk } from "./walk.ts";

/** Reads values and columns of one device, in as few requests as the agent allows. Throws `NoAnswer`. */
export interface SnmpReader {
  readonly version: SnmpEndpoint["version"];
  /** The instances that exist, by OID text. */
  instances(oids: readonly string[]): Promise<Map<string, SnmpValue>>;
  /** Rows of each column, in order; a column that has none has an empty list. */
  columns(oids: readonly string[], options?: { maxRows?: number }): Promise<Map<string, Row[]>>;
  /** What is odd about this agent (a walk that does not increase …), for people. */
  readonly oddities: readonly string[];
}

/** Varbinds in one request: what small agents and one Ethernet frame take. */
const batchSize = 12;
/** Rows of one column at most. */
const maxRows = 2048;

/** A reader over a session. */
export function createSnmpReader(session: SnmpSession): SnmpReader {
  const oddities: string[] = [];
  const byNext = session.endpoint.version === "1";
  return {
    version: session.endpoint.version,
    oddities,
    async instances(oids) {
      const values = new Map<string, SnmpValue>();
      const wanted = [...new Set(oids)].map(parseOid).sort(compareOids);
      // One missing name spoils a whole GET of version 1, but not a GETNEXT of the name before it.
      const scalars = byNext ? wanted.filter((oid) => oid.at(-1) === 0) : [];
      const named = wanted.filter((oid) => !scalars.includes(oid));
      for (const batch of batches(named)) await getBatch(session, batch, values);
      for (const batch of batches(scalars)) await nextBatch(session, batch, values);
      return values;
    },
    async columns(oids, options) {
      const roots = [...new Set(oids)].map(parseOid).sort(compareOids);
      // Rows beyond a limit that was asked for are no surprise; beyond ours they are.
      const oddity = (text: string) => void (options?.maxRows === undefined && oddities.push(text));
      return walk(session, roots, { maxRows: options?.maxRows ?? maxRows, oddity });
    },
  };
}

async function getBatch(session: SnmpSession, oids: readonly Oid[], values: Map<string, SnmpValue>): Promise<void> {
  if (oids.length === 0) return;
  const answer = await askWhole(session, pdus.get, oids);
  if (answer?.errorStatus === 0) {
    for (const [i, { oid, value }] of answer.varBinds.entries()) {
      const asked = oids[i];
      if (asked && compareOids(asked, oid) === 0 && value.type !== "none") values.set(toOidText(oid), value);
    }
    return;
  }
  for (const part of withoutFaulty(oids, answer)) await getBatch(session, part, values);
}

async function nextBatch(session: SnmpSession, oids: readonly Oid[], values: Map<string, SnmpValue>): Promise<void> {
  if (oids.length === 0) return;
  const answer = await askWhole(
    session,
    pdus.getNext,
    oids.map((oid) => oid.slice(0, -1)),
  );
  if (answer?.errorStatus === 0) {
    for (const [i, { oid, value }] of answer.varBinds.entries()) {
      const asked = oids[i];
      if (asked && compareOids(asked, oid) === 0 && value.type !== "none") values.set(toOidText(oid), value);
    }
    return;
  }
  for (const part of withoutFaulty(oids, answer)) await nextBatch(session, part, values);
}

/** Some agents drop what they find too big instead of saying so: silence for many is no silence of the device. */
async function askWhole(session: SnmpSession, pdu: 0xa0 | 0xa1, oids: readonly Oid[]): Promise<SnmpResponse | null> {
  try {
    return await session.request(pdu, oids);
  } catch (error) {
    if (error instanceof NoAnswer && !error.aborted && oids.length > 1) return null;
    throw error;
  }
}

function batches(oids: readonly Oid[]): Oid[][] {
  return Array.from({ length: Math.ceil(oids.length / batchSize) }, (_, i) =>
    oids.slice(i * batchSize, (i + 1) * batchSize),
  );
}
