import { createSocket } from "node:dgram";
import { once } from "node:events";
import { decodeResponse, type SnmpResponse } from "./message.ts";

/** Called for each well-formed answer, with the address and port it came from. */
export type AnswerHandler = (answer: SnmpResponse, address: string, port: number) => void;

/** One UDP socket for a whole scan: the sweep and all devices that are read share it. */
export interface SnmpSocket {
  /** Sends without waiting. The caller must leave `packet` alone until `backlog()` has fallen again. */
  send(packet: Uint8Array, port: number, address: string): void;
  /** Packets handed over that the system has not taken yet. */
  backlog(): number;
  /** Packets that could not be sent (no route …), with the last reason. */
  sendFailures(): { count: number; last: string };
  /** Datagrams that were no SNMP answers. */
  malformed(): number;
  onAnswer(handler: AnswerHandler): void;
  close(): Promise<void>;
}

const bufferBytes = 4 * 1024 * 1024;

/** Opens an IPv4 socket on a free port. */
export async function openSnmpSocket(): Promise<SnmpSocket> {
  // Addresses are checked before they get here: skipping dns.lookup halves the cost of a send.
  const socket = createSocket({
    type: "udp4",
    lookup: (host, _options, callback) => callback(null, host, 4),
    recvBufferSize: bufferBytes,
    sendBufferSize: bufferBytes,
  });
  let backlog = 0;
  let malformed = 0;
  const failures = { count: 0, last: "" };
  const handlers: AnswerHandler[] = [];
  const sent = (error: Error | null) => {
    backlog--;
    if (error) Object.assign(failures, { count: failures.count + 1, last: error.message });
  };
  socket.on("message", (bytes, from) => {
    const answer = decodeResponse(bytes);
    if (!answer) malformed++;
    else for (const handler of handlers) handler(answer, from.address, from.port);
  });
  socket.on("error", (error) => Object.assign(failures, { count: failures.count + 1, last: error.message }));
  const listening = once(socket, "listening"); // before bind: with this lookup it is told at once
  socket.bind(0);
  await listening;

  return {
    send(packet, port, address) {
      backlog++;
      socket.send(packet, port, address, sent);
    },
    backlog: () => backlog,
    sendFailures: () => failures,
    malformed: () => malformed,
    onAnswer: (handler) => void handlers.push(handler),
    close: () => new Promise((resolve) => socket.close(() => resolve())),
  };
}
