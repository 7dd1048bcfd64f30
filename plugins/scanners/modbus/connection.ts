import { connect, type Socket } from "node:net";
import type { ScanContext } from "#pkg/contracts/scanner.ts";
import { pause } from "../pace.ts";
import { encodeFrame, type Frame, type Framing, takeFrame } from "./frame.ts";

/** The device refused one request: Modbus exception 1 … 11. */
export class ModbusException extends Error {
  readonly code: number;
  constructor(code: number) {
    super(`exception ${code} (${exceptionNames[code] ?? "unknown"})`);
    this.name = "ModbusException";
    this.code = code;
  }
}

/** No answer, a closed or broken connection, or a stopped scan. */
export class NoAnswer extends Error {
  readonly aborted: boolean;
  constructor(message: string, aborted = false) {
    super(message);
    this.name = "NoAnswer";
    this.aborted = aborted;
  }
}

const exceptionNames: Readonly<Record<number, string>> = {
  1: "illegal function",
  2: "illegal address",
  3: "illegal value",
  4: "device failure",
  5: "acknowledge",
  6: "busy",
  8: "parity error",
  10: "gateway path unavailable",
  11: "target did not respond",
};
/** What a busy device is given: three more tries, half a second apart. */
const busy = { codes: [5, 6], retries: 3, waitMs: 500 };

const closeWaitMs = 200;

/** One connection to one address: one request under way, pauses kept. */
export interface ModbusConnection {
  readonly framing: Framing;
  /** The answer's PDU. Throws `ModbusException` or `NoAnswer`. */
  request(unitId: number, pdu: Uint8Array, what: string): Promise<Buffer>;
  readonly closed: boolean;
  /** Ends when the other side has closed, too (at most 200 ms later): many gateways take one connection at a time. */
  close(): Promise<void>;
}

export interface ModbusTarget {
  address: string;
  port: number;
  framing: Framing;
}

/** Connects and waits the pause after it. Throws `NoAnswer` with the system's word (refused, timed out …). */
export async function openModbus(
  target: ModbusTarget,
  context: ScanContext,
  now: () => number,
): Promise<ModbusConnection> {
  const { pace, signal } = context;
  const socket = await openSocket(target, context);
  const inbox = createInbox(socket, target.framing);
  let freeAtMs = 0;
  let transactionId = 0;
  await pause(pace.afterConnectMs, signal);

  const ask = async (unitId: number, pdu: Uint8Array): Promise<Buffer> => {
    await pause(freeAtMs - performance.now(), signal);
    if (signal.aborted) throw stopped();
    inbox.clear();
    transactionId = (transactionId + 1) & 0xffff;
    socket.write(encodeFrame(target.framing, transactionId, unitId, pdu));
    try {
      // Late answers to an earlier request, or another unit's, are passed over.
      const isOurs = (frame: Frame) =>
        frame.unitId === unitId &&
        ((frame.pdu[0] ?? 0) & 0x7f) === pdu[0] &&
        (target.framing !== "tcp" || frame.transactionId === transactionId);
      const answer = await inbox.take(isOurs, pace.timeoutMs, signal);
      if ((answer[0] ?? 0) & 0x80) throw new ModbusException(answer[1] ?? 0);
      return answer;
    } finally {
      freeAtMs = performance.now() + pace.perDeviceMs;
    }
  };

  const mayRetry = async (error: ModbusException | NoAnswer, attempt: number): Promise<boolean> => {
    if (error instanceof NoAnswer) return !error.aborted && inbox.ended() === null && attempt < pace.retries;
    if (!busy.codes.includes(error.code) || attempt >= busy.retries) return false;
    await pause(busy.waitMs, signal);
    return true;
  };

  return {
    framing: target.framing,
    async request(unitId, pdu, what) {
      const place = `${target.address}:${target.port}:${unitId}`;
      const tell = (outcome: string) =>
        context.journal({ atMs: now(), target: place, sent: `${what} (${target.framing})`, outcome });
      for (let attempt = 0; ; attempt++) {
        try {
          const answer = await ask(unitId, pdu);
          tell("answered");
          return answer;
        } catch (error) {
          if (!(error instanceof ModbusException || error instanceof NoAnswer)) throw error;
          tell(error.message);
          if (!(await mayRetry(error, attempt))) throw error;
        }
      }
    },
    get closed() {
      return inbox.ended() !== null;
    },
    async close() {
      const closed = new AbortController();
      socket.once("close", () => closed.abort());
      socket.end();
      if (!socket.closed) await pause(closeWaitMs, closed.signal);
      socket.destroy();
    },
  };
}

interface Inbox {
  /** Forgets what came without being asked for. */
  clear(): void;
  /** The PDU of the first frame that is ours. Throws `NoAnswer`. */
  take(isOurs: (frame: Frame) => boolean, timeoutMs: number, signal: AbortSignal): Promise<Buffer>;
  /** Why nothing more can come; null while the connection stands. */
  ended(): string | null;
}

function createInbox(socket: Socket, framing: Framing): Inbox {
  let received: Buffer = Buffer.alloc(0);
  let ended: string | null = null;
  let wake: (() => void) | null = null;
  const end = (reason: string) => {
    ended ??= reason;
    wake?.();
  };
  socket.on("data", (bytes) => {
    received = received.length === 0 ? bytes : Buffer.concat([received, bytes]);
    wake?.();
  });
  socket.on("error", (error) => end(error.message));
  socket.on("close", () => end("the device closed the connection"));

  const nextFrame = (): Frame | null => {
    const frame = takeFrame(framing, received);
    if (frame === "broken") {
      socket.destroy();
      end(`what came is no ${framing} frame`);
      return null;
    }
    if (frame) received = received.subarray(frame.bytes);
    return frame;
  };

  return {
    clear() {
      received = Buffer.alloc(0);
    },
    ended: () => ended,
    async take(isOurs, timeoutMs, signal) {
      const untilMs = performance.now() + timeoutMs;
      for (;;) {
        const frame = nextFrame();
        if (frame && isOurs(frame)) return frame.pdu;
        if (frame) continue;
        if (signal.aborted) throw stopped();
        if (ended !== null) throw new NoAnswer(ended);
        const leftMs = untilMs - performance.now();
        if (leftMs <= 0) throw new NoAnswer(`no answer within ${timeoutMs} ms`);
        const waiting = new AbortController();
        wake = () => waiting.abort();
        await pause(leftMs, AbortSignal.any([waiting.signal, signal]));
      }
    },
  };
}

function stopped(): NoAnswer {
  return new NoAnswer("the scan was stopped", true);
}

function openSocket({ address, port }: ModbusTarget, context: ScanContext): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: address, port, noDelay: true });
    const fail = (message: string, aborted = false) => {
      context.signal.removeEventListener("abort", stop);
      socket.destroy();
      reject(new NoAnswer(message, aborted));
    };
    const stop = () => fail("the scan was stopped", true);
    const onTimeout = () => fail(`no connection within ${context.pace.timeoutMs} ms`);
    socket.setTimeout(context.pace.timeoutMs, onTimeout);
    socket.once("error", (error: NodeJS.ErrnoException) => fail(error.code ?? error.message));
    context.signal.addEventListener("abort", stop, { once: true });
    if (context.signal.aborted) stop();
    socket.once("connect", () => {
      context.signal.removeEventListener("abort", stop);
      socket.setTimeout(0);
      socket.off("timeout", onTimeout);
      socket.removeAllListeners("error");
      resolve(socket);
    });
  });
}
