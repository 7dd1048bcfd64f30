import type { ScanContext, ScanTask } from "#pkg/contracts/scanner.ts";
import { networkOf, type Pacer, pause } from "../pace.ts";
import { encodeRequest, pdus, type SnmpResponse, type SnmpVersion } from "./message.ts";
import type { SnmpSocket } from "./socket.ts";
import { sweepOids } from "./system.ts";

/** What is asked of every address: one packet, encoded once. */
interface Probe {
  port: number;
  version: SnmpVersion;
  community: string;
  /** `v2c, community 1`: the journal never holds a community. */
  label: string;
  packet: Buffer;
  requestIdOffset: number;
}

/** An address that answered, with the answer. */
export interface SweepAnswer {
  address: string;
  port: number;
  version: SnmpVersion;
  community: string;
  answer: SnmpResponse;
}

/** Request ids of the sweep have this bit; those of the client never do. Below it: probe (12 bits), address (16). */
export const sweepIdBit = 0x4000_0000;
const chunkSize = 65_536;
const maxProbes = 4096;
/** Packets under way inside the system at most; each has a buffer of its own. */
const maxBacklog = 512;
/** Packets between two looks at the socket. */
const burst = 128;

export interface SweepDeps {
  socket: SnmpSocket;
  pacer: Pacer;
  context: ScanContext;
  onAnswer(answer: SweepAnswer): void;
}

/**
 * Asks every address of the task for sysDescr, sysObjectID and sysName, by every credential on every port, until it
 * answers on that port or the retries are used up. Ends when the last time-out is over or the signal has fired.
 * Addresses are taken from the iterable in chunks of 65,536; nothing is allocated for an address that stays silent.
 */
export async function sweep(task: ScanTask, deps: SweepDeps): Promise<void> {
  const probes = toProbes(task);
  const state = { asked: 0, answered: 0 };
  let current: Chunk | null = null;
  deps.socket.onAnswer((answer, address, port) => current?.take(answer, address, port));
  for (const addresses of chunksOf(task.addresses)) {
    current = createChunk(addresses, probes, task, deps, state);
    await current.run();
    if (deps.context.signal.aborted) return;
  }
}

interface Chunk {
  run(): Promise<void>;
  take(answer: SnmpResponse, address: string, port: number): void;
}

function createChunk(
  addresses: readonly string[],
  probes: readonly Probe[],
  task: ScanTask,
  deps: SweepDeps,
  state: { asked: number; answered: number },
): Chunk {
  const { socket, pacer, context, onAnswer } = deps;
  const networks = groupByNetwork(addresses);
  const answered = new Map(task.ports.map((port) => [port, new Uint8Array(addresses.length)]));
  const seen = new Uint8Array(addresses.length);
  /** Fires when nobody is left to wait for. */
  const complete = new AbortController();
  let open = addresses.length * task.ports.length;
  let slot = 0;
  const ring = probes.map((probe) => Array.from({ length: maxBacklog }, () => Buffer.from(probe.packet)));

  const run = async () => {
    for (let attempt = 0; attempt <= context.pace.retries; attempt++) {
      for (const [index, probe] of probes.entries()) {
        const startedMs = performance.now();
        const sent = await pass(index, probe, attempt);
        if (context.signal.aborted || open === 0) return;
        if (sent === 0) continue;
        // Answers to this pass may take until its own last packet has timed out, but the next asks in the same order.
        const isLast = attempt === context.pace.retries && index === probes.length - 1;
        const sinceMs = performance.now() - startedMs;
        const waitMs = isLast ? context.pace.timeoutMs : context.pace.timeoutMs - sinceMs;
        await pause(waitMs, AbortSignal.any([context.signal, complete.signal]));
      }
    }
  };

  /** One packet to each address that has not answered on this port yet, round robin over the networks. */
  const pass = async (probeIndex: number, probe: Probe, attempt: number) => {
    const done = answered.get(probe.port);
    const queues = networks.map((network) => ({ ...network, at: 0, sent: 0 }));
    let active = queues;
    const sendNext = (queue: (typeof queues)[number]) => {
      while (queue.at < queue.indexes.length) {
        const index = queue.indexes[queue.at] ?? 0;
        const address = addresses[index] ?? "";
        if (done?.[index] || (task.busy.size > 0 && task.busy.has(`${address}:${probe.port}`))) {
          queue.at++;
          continue;
        }
        if (!pacer.tryTake(queue.network, performance.now())) return false;
        const packet = ring[probeIndex]?.[slot++ % maxBacklog] ?? probe.packet;
        packet.writeInt32BE(sweepIdBit | (probeIndex << 16) | index, probe.requestIdOffset);
        socket.send(packet, probe.port, address);
        if (!seen[index]) state.asked += seen[index] = 1;
        queue.sent++;
        queue.at++;
        return true;
      }
      return false;
    };
    while (active.length > 0 && !context.signal.aborted) {
      let sent = 0;
      for (const queue of active) {
        if (!sendNext(queue)) continue;
        sent++;
        if (slot % burst === 0) await turn(socket, context.signal);
      }
      active = active.filter((queue) => queue.at < queue.indexes.length);
      context.progress(state.asked, state.answered);
      if (sent === 0 && active.length > 0) await pause(shortestWait(active, pacer), context.signal);
    }
    journalPass(queues, probe, attempt, context);
    return queues.reduce((sum, { sent }) => sum + sent, 0);
  };

  return {
    run,
    take(answer, address, port) {
      if ((answer.requestId & sweepIdBit) === 0) return;
      const index = answer.requestId & 0xffff;
      const probe = probes[(answer.requestId & ~sweepIdBit) >>> 16];
      const done = probe && answered.get(probe.port);
      // Another address, port or version than was asked, or a second answer: not ours, or already known.
      if (!probe || !done || addresses[index] !== address || probe.port !== port || done[index]) return;
      if (answer.version !== probe.version || answer.community !== probe.community) return;
      done[index] = 1;
      if (--open === 0) complete.abort();
      state.answered++;
      context.progress(state.asked, state.answered);
      onAnswer({ address, port, version: probe.version, community: probe.community, answer });
    },
  };
}

/** Lets answers in, and the system take what was sent. */
async function turn(socket: SnmpSocket, signal: AbortSignal): Promise<void> {
  await new Promise(setImmediate);
  while (socket.backlog() > maxBacklog - burst && !signal.aborted) await pause(1, signal);
}

function shortestWait(queues: readonly { network: string }[], pacer: Pacer): number {
  const nowMs = performance.now();
  let shortestMs = 50;
  for (const { network } of queues) shortestMs = Math.min(shortestMs, pacer.waitMs(network, nowMs));
  return Math.max(1, shortestMs);
}

function toProbes(task: ScanTask): Probe[] {
  const credentials = task.credentials.filter((credential) => credential.type === "snmp");
  const probes = credentials.flatMap((credential, i) =>
    task.ports.map((port) => {
      const { bytes, requestIdOffset } = encodeRequest({
        ...credential,
        pdu: pdus.get,
        requestId: sweepIdBit,
        oids: sweepOids,
      });
      const { version, community } = credential;
      return { port, version, community, label: `v${version}, community ${i + 1}`, packet: bytes, requestIdOffset };
    }),
  );
  if (probes.length > maxProbes) {
    throw new RangeError(`${probes.length} ports × credentials in one scan: at most ${maxProbes}`);
  }
  return probes;
}

function* chunksOf(addresses: Iterable<string>): Iterable<string[]> {
  let chunk: string[] = [];
  for (const address of addresses) {
    if (address.includes(":")) continue; // IPv6 is not swept
    if (chunk.push(address) < chunkSize) continue;
    yield chunk;
    chunk = [];
  }
  if (chunk.length > 0) yield chunk;
}

function groupByNetwork(addresses: readonly string[]): { network: string; indexes: number[] }[] {
  const groups = new Map<string, number[]>();
  for (const [index, address] of addresses.entries()) {
    const network = networkOf(address);
    const indexes = groups.get(network);
    if (indexes) indexes.push(index);
    else groups.set(network, [index]);
  }
  return [...groups].map(([network, indexes]) => ({ network, indexes }));
}

function journalPass(
  queues: readonly { network: string; sent: number }[],
  probe: Probe,
  attempt: number,
  { journal }: ScanContext,
): void {
  const atMs = Date.now();
  for (const { network, sent } of queues) {
    if (sent === 0) continue;
    journal({
      atMs,
      target: `${network}.0/24:${probe.port}`,
      sent: `GET sysDescr, sysObjectID, sysName (${probe.label}, attempt ${attempt + 1})`,
      outcome: `asked ${sent} addresses`,
    });
  }
}
