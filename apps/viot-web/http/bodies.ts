import type { Readable } from "node:stream";
import { AppError } from "#pkg/errors/errors.ts";

/** Bodies of requests, read into memory that is used again: new megabytes for each cost more than filling them. */
export interface Bodies {
  /** The whole body; `claimedBytes` is its Content-Length. Throws `AppError("too_large")`. */
  read(payload: Readable, claimedBytes: number | undefined): Promise<Uint8Array>;
  /** Takes back a body that nobody reads any more. */
  giveBack(body: Uint8Array): void;
}

const mostSpare = 4;
const largestSpareBytes = 8 * 1024 * 1024;
const firstBytes = 64 * 1024;

/** `limit`: largest body, in bytes, as it is now. */
export function createBodies(limit: () => number): Bodies {
  const spare: Uint8Array[] = [];
  const take = (bytes: number) => {
    const fitting = spare.findIndex((memory) => memory.length >= bytes);
    return (
      (fitting < 0 ? undefined : spare.splice(fitting, 1)[0]) ?? Buffer.allocUnsafeSlow(Math.max(bytes, firstBytes))
    );
  };
  return {
    async read(payload, claimedBytes = 0) {
      const maxBytes = limit();
      if (claimedBytes > maxBytes) throw tooLarge(maxBytes);
      return await collect(payload, take(claimedBytes), maxBytes);
    },
    giveBack({ buffer }) {
      const fits = buffer.byteLength >= firstBytes && buffer.byteLength <= largestSpareBytes;
      if (fits && spare.length < mostSpare) spare.push(new Uint8Array(buffer));
    },
  };
}

/** Listens rather than iterates: leaving an iteration early ends the connection before the refusal is sent. */
function collect(payload: Readable, memory: Uint8Array, maxBytes: number): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    let room = memory;
    let length = 0;
    const settle = (done: () => void) => {
      payload.off("data", onData).off("end", onEnd).off("error", onError);
      done();
    };
    const onData = (chunk: Uint8Array) => {
      if (length + chunk.length > maxBytes) return settle(() => reject(tooLarge(maxBytes)));
      if (length + chunk.length > room.length) room = grown(room, length + chunk.length);
      room.set(chunk, length);
      length += chunk.length;
    };
    const onEnd = () => settle(() => resolve(room.subarray(0, length)));
    const onError = (error: Error) => settle(() => reject(cutOff(error)));
    payload.on("data", onData).on("end", onEnd).on("error", onError);
  });
}

function grown(room: Uint8Array, neededBytes: number): Uint8Array {
  const larger = Buffer.allocUnsafeSlow(Math.max(room.length * 2, neededBytes));
  larger.set(room);
  return larger;
}

function cutOff(cause: Error): AppError {
  return new AppError("bad_request", { message: "the body ended too early", mend: "send it again, whole", cause });
}

function tooLarge(maxBytes: number): AppError {
  return new AppError("too_large", {
    message: `the body is larger than the ${maxBytes} bytes that are taken`,
    mend: "send smaller batches, or raise ingest.max_body",
  });
}
