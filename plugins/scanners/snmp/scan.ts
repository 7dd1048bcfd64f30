import type { DeviceProfile } from "#pkg/contracts/profile.ts";
import type { Endpoint, FoundDevice, SnmpEndpoint } from "#pkg/contracts/reading.ts";
import type { ScanContext, Scanner, ScanTask } from "#pkg/contracts/scanner.ts";
import { createPacer } from "../pace.ts";
import { createQueue } from "../queue.ts";
import { createSnmpClient, NoAnswer, type SnmpClient } from "./client.ts";
import { identify, readSystemTexts, toSystemTexts } from "./identify.ts";
import { toOidText } from "./oid.ts";
import { createSnmpReader } from "./read.ts";
import { openSnmpSocket, type SnmpSocket } from "./socket.ts";
import { type SweepAnswer, sweep } from "./sweep.ts";

export interface SnmpScannerDeps {
  /** Devices that are read at the same time, each with one request under way. */
  parallelDevices: number;
  /** UTC milliseconds. */
  now(): number;
}

/** Finds SNMP v1 and v2c devices: one sweep over all addresses, and at its side the reading of those that answer. */
export function createSnmpScanner(deps: SnmpScannerDeps): Scanner {
  return {
    async *scan(task, context) {
      const stop = new AbortController();
      const own = { ...context, signal: AbortSignal.any([context.signal, stop.signal]) };
      const socket = await openSnmpSocket();
      const found = createQueue<FoundDevice>();
      const work = sweepAndRead(task, own, socket, deps, (device) => found.push(device)).then(
        () => found.end(),
        (error: unknown) => found.end(error),
      );
      try {
        yield* found;
      } finally {
        stop.abort();
        await work;
        await socket.close();
      }
    },
    async probe(endpoint, profiles, context) {
      const snmp = toSnmp(endpoint);
      const socket = await openSnmpSocket();
      try {
        const client = createSnmpClient({ socket, pacer: createPacer(context.pace), context, now: deps.now });
        const reader = createSnmpReader(client.open(snmp));
        return await identify(snmp, await readSystemTexts(reader), profiles, reader);
      } finally {
        await socket.close();
      }
    },
  };
}

function toSnmp(endpoint: Endpoint): SnmpEndpoint {
  if (endpoint.protocol !== "snmp") throw new TypeError(`the SNMP scanner cannot ask a ${endpoint.protocol} device`);
  return endpoint;
}

async function sweepAndRead(
  task: ScanTask,
  context: ScanContext,
  socket: SnmpSocket,
  deps: SnmpScannerDeps,
  onDevice: (device: FoundDevice) => void,
): Promise<void> {
  const pacer = createPacer(context.pace);
  const client = createSnmpClient({ socket, pacer, context, now: deps.now });
  const waiting: SweepAnswer[] = [];
  const readers = new Set<Promise<void>>();
  let failure: unknown = null;

  const startNext = () => {
    const answer = readers.size < deps.parallelDevices && !context.signal.aborted ? waiting.shift() : undefined;
    if (!answer) return;
    const reading = readDevice(answer, client, task.profiles, context, deps)
      .then((device) => void (device && onDevice(device)))
      .catch((error: unknown) => {
        failure ??= error;
      })
      .finally(() => {
        readers.delete(reading);
        startNext();
      });
    readers.add(reading);
  };
  await sweep(task, {
    socket,
    pacer,
    context,
    onAnswer(answer) {
      waiting.push(answer);
      startNext();
    },
  });
  while (readers.size > 0) await Promise.race(readers);
  if (failure) throw failure;
}

/** Null when the scan was stopped before the device was known. */
async function readDevice(
  { address, port, version, community, answer }: SweepAnswer,
  client: SnmpClient,
  profiles: readonly DeviceProfile[],
  context: ScanContext,
  { now }: SnmpScannerDeps,
): Promise<FoundDevice | null> {
  const endpoint: SnmpEndpoint = { protocol: "snmp", address, port, version, community };
  context.journal({
    atMs: now(),
    target: `${address}:${port}`,
    sent: "GET sysDescr, sysObjectID, sysName",
    outcome: "answered",
  });
  const reader = createSnmpReader(client.open(endpoint));
  try {
    // A v1 agent that lacks one of the three names refuses all: then they are asked for one by one.
    const texts = answer.errorStatus
      ? await readSystemTexts(reader)
      : toSystemTexts(new Map(answer.varBinds.map(({ oid, value }) => [toOidText(oid), value])));
    return await identify(endpoint, texts, profiles, reader);
  } catch (error) {
    if (error instanceof NoAnswer && error.aborted) return null;
    throw error;
  }
}
