import { integer, noValue, oid, readAll, readInteger, readOid, readTlv, tlv } from "./ber.ts";
import type { Mib } from "./mib.ts";

const pdus = { get: 0xa0, next: 0xa1, response: 0xa2, bulk: 0xa5 } as const;
const noSuchName = 2;
const noSuchInstance = tlv(0x81);
const endOfMibView = tlv(0x82);
const maxRepetitions = 50;
/** Answers stay inside one UDP packet that every client takes. */
const maxAnswerBytes = 1400;

/** Which versions (0 is v1, 1 is v2c) a device speaks, and its community. */
export interface Agent {
  versions: readonly number[];
  community: string;
  mib: Mib;
}

interface Binding {
  oid: readonly number[];
  /** Null: there is no such object (version 1) */
  value: Buffer | null;
}

/** The answer to one packet, or undefined: a wrong community, version or packet gets none. */
export function answer(packet: Buffer, agent: Agent, nowMs: number): Buffer | undefined {
  const [versionTlv, communityTlv, pdu] = readAll(readTlv(packet).body);
  if (!versionTlv || !communityTlv || !pdu) return undefined;
  const version = readInteger(versionTlv);
  if (!agent.versions.includes(version) || communityTlv.body.toString() !== agent.community) return undefined;
  const [requestId, second, third, list] = readAll(pdu.body);
  if (!requestId || !second || !third || !list) return undefined;
  const asked = readAll(list.body).map((binding) => readOid(readTlv(binding.body)));
  const bound = bind(pdu.tag, asked, { version, mib: agent.mib, nowMs }, readInteger(second), readInteger(third));
  if (!bound) return undefined;
  const missing = bound.findIndex((binding) => binding.value === null);
  const bindings = missing === -1 ? bound : asked.map((one) => ({ oid: one, value: noValue }));
  return tlv(
    0x30,
    integer(version),
    tlv(0x04, communityTlv.body),
    tlv(
      pdus.response,
      tlv(0x02, requestId.body),
      integer(missing === -1 ? 0 : noSuchName),
      integer(missing + 1),
      tlv(0x30, ...bindings.map((binding) => tlv(0x30, oid(binding.oid), binding.value ?? noValue))),
    ),
  );
}

interface Reading {
  version: number;
  mib: Mib;
  nowMs: number;
}

function bind(tag: number, asked: number[][], reading: Reading, second: number, third: number): Binding[] | undefined {
  if (tag === pdus.get) return asked.map((one) => get(one, reading));
  if (tag === pdus.next) return asked.map((one) => next(one, reading));
  if (tag === pdus.bulk && reading.version > 0) return bulk(asked, reading, second, Math.min(third, maxRepetitions));
  return undefined;
}

function get(one: readonly number[], { mib, version, nowMs }: Reading): Binding {
  const found = mib.get(one);
  if (found && !(found.isCounter64 && version === 0)) return { oid: one, value: found.read(nowMs) };
  return { oid: one, value: version === 0 ? null : noSuchInstance };
}

function next(one: readonly number[], { mib, version, nowMs }: Reading): Binding {
  const found = mib.next(one, version);
  if (found) return { oid: found.oid, value: found.read(nowMs) };
  return { oid: one, value: version === 0 ? null : endOfMibView };
}

function bulk(asked: number[][], reading: Reading, nonRepeaters: number, repetitions: number): Binding[] {
  const bindings = asked.slice(0, nonRepeaters).map((one) => next(one, reading));
  let row = asked.slice(nonRepeaters).map((one): Binding => ({ oid: one, value: noValue }));
  let sizeBytes = 0;
  for (let repetition = 0; repetition < repetitions && row.length > 0; repetition++) {
    row = row.map((binding) => next(binding.oid, reading));
    sizeBytes += row.reduce((sum, binding) => sum + 3 * binding.oid.length + (binding.value?.length ?? 0), 0);
    if (sizeBytes > maxAnswerBytes && repetition > 0) break;
    bindings.push(...row);
    if (row.every((binding) => binding.value === endOfMibView)) break;
  }
  return bindings;
}
