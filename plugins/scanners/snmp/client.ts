import type { SnmpEndpoint } from "#pkg/contracts/reading.ts";
import type { ScanContext } from "#pkg/contracts/scanner.ts";
import { networkOf, type Pacer, pause } from "../pace.ts";
import { encodeRequest, pdus, type SnmpRequest, type SnmpResponse } from "./message.ts";
import { type Oid, toOidText } from "./oid.ts";
import type { SnmpSocket } from "./socket.ts";
import { sweepIdBit } from "./sweep.ts";

/** The device did not answer one request, retries included; or the scan was stopped. */
export class NoAnswer extends Error {
  readonly aborted: boolean;
  constructor(message: string, aborted: boolean) {
    super(message);
    this.name = "NoAnswer";
    this.aborted = aborted;
  }
}

/** Requests to one device: one at a time, with the pause the pace asks for. */
export interface SnmpSession {
  readonly endpoint: SnmpEndpoint;
  /** Throws `NoAnswer`. Errors of the agent (noSuchName …) are in the response. */
  request(pdu: SnmpRequest["pdu"], oids: readonly Oid[], maxRepetitions?: number): Promise<SnmpResponse>;
}

/** Sessions that share one socket. */
export interface SnmpClient {
  open(endpoint: SnmpEndpoint): SnmpSession;
}

export interface SnmpClientDeps {
  socket: SnmpSocket;
  pacer: Pacer;
  context: ScanContext;
  /** UTC milliseconds, for the journal. */
  now(): number;
}

interface Pending {
  endpoint: SnmpEndpoint;
  resolve(answer: SnmpResponse): void;
}

/** A client for many devices; each answer finds its request by id, address, port and community. */
export function createSnmpClient(deps: SnmpClientDeps): SnmpClient {
  const pending = new Map<number, Pending>();
  let lastId = Math.floor(Math.random() * sweepIdBit);
  deps.socket.onAnswer((answer, address, port) => {
    const request = pending.get(answer.requestId);
    if (request?.endpoint.address !== address || request.endpoint.port !== port) return;
    if (answer.community !== request.endpoint.community || answer.version !== request.endpoint.version) return;
    pending.delete(answer.requestId);
    request.resolve(answer);
  });

  return {
    open(endpoint) {
      let freeAtMs = performance.now() + deps.context.pace.perDeviceMs;
      return {
        endpoint,
        async request(pdu, oids, maxRepetitions = 10) {
          lastId = (lastId + 1) % sweepIdBit || 1;
          const requestId = lastId;
          const { version, community } = endpoint;
          const { bytes } = encodeRequest({ version, community, pdu, requestId, oids, maxRepetitions });
          const tell = (outcome: string) =>
            deps.context.journal({ atMs: deps.now(), target: target(endpoint), sent: wording(pdu, oids), outcome });
          const attempts = deps.context.pace.retries + 1;
          try {
            for (let attempt = 0; attempt < attempts; attempt++) {
              await turn(endpoint, freeAtMs, deps);
              if (deps.context.signal.aborted) throw new NoAnswer("the scan was stopped", true);
              const answer = await ask(bytes, requestId, endpoint);
              freeAtMs = performance.now() + deps.context.pace.perDeviceMs;
              if (!answer) continue;
              tell(
                answer.errorStatus
                  ? `error ${answer.errorStatus} at ${answer.errorIndex}`
                  : `${answer.varBinds.length} values`,
              );
              return answer;
            }
          } finally {
            pending.delete(requestId);
          }
          if (deps.context.signal.aborted) throw new NoAnswer("the scan was stopped", true);
          const silence = `no answer within ${deps.context.pace.timeoutMs} ms, ${attempts} attempts`;
          tell(silence);
          throw new NoAnswer(`${target(endpoint)}: ${wording(pdu, oids)}: ${silence}`, false);
        },
      };
    },
  };

  async function ask(bytes: Buffer, requestId: number, endpoint: SnmpEndpoint): Promise<SnmpResponse | null> {
    const waiting = new AbortController();
    const over = pause(deps.context.pace.timeoutMs, AbortSignal.any([waiting.signal, deps.context.signal]));
    const answered = new Promise<SnmpResponse>((resolve) => {
      pending.set(requestId, { endpoint, resolve });
    });
    deps.socket.send(bytes, endpoint.port, endpoint.address);
    const answer = await Promise.race([answered, over.then(() => null)]);
    waiting.abort();
    return answer;
  }
}

async function turn(endpoint: SnmpEndpoint, freeAtMs: number, { pacer, context }: SnmpClientDeps): Promise<void> {
  await pause(freeAtMs - performance.now(), context.signal);
  const network = networkOf(endpoint.address);
  while (!context.signal.aborted && !pacer.tryTake(network, performance.now())) {
    await pause(Math.max(1, pacer.waitMs(network, performance.now())), context.signal);
  }
}

function target({ address, port }: SnmpEndpoint): string {
  return `${address}:${port}`;
}

function wording(pdu: SnmpRequest["pdu"], oids: readonly Oid[]): string {
  const name = { [pdus.get]: "GET", [pdus.getNext]: "GETNEXT", [pdus.getBulk]: "GETBULK" }[pdu];
  const more = oids.length > 1 ? ` and ${oids.length - 1} more` : "";
  return `${name} ${toOidText(oids[0] ?? [])}${more}`;
}
