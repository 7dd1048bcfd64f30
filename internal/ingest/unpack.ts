import { promisify } from "node:util";
import { gunzip } from "node:zlib";
import { AppError } from "#pkg/errors/errors.ts";

const gunzipAsync = promisify(gunzip);
/** Unpacked bodies are counted in the queue only when they are there; so many may be on their way. */
const maxAtOnce = 4;
const minChunkBytes = 64 * 1024;
const maxChunkBytes = 4 * 1024 * 1024;

/**
 * Unpacks gzip off the event loop, at most `limit` bytes each, four at once; the others wait. Throws
 * `AppError("too_large")` beyond that (a small body can unpack to any size), `AppError("bad_request")` for what is no
 * whole gzip.
 */
export function createUnpacker(limit: () => number): (body: Uint8Array) => Promise<Uint8Array> {
  const waiting: (() => void)[] = [];
  let running = 0;
  return async (body) => {
    if (running === maxAtOnce) await new Promise<void>((resolve) => waiting.push(resolve));
    else running++;
    const maxBytes = limit();
    try {
      return await gunzipAsync(body, { maxOutputLength: maxBytes, chunkSize: chunkBytes(body) });
    } catch (error) {
      throw toRefusal(error, maxBytes);
    } finally {
      const next = waiting.shift();
      if (next) next();
      else running--;
    }
  };
}

/** gzip says its unpacked size in the last four bytes: with one chunk as large as that it unpacks in one go. */
function chunkBytes(body: Uint8Array): number {
  if (body.length < 4) return minChunkBytes;
  const claimed = new DataView(body.buffer, body.byteOffset + body.length - 4, 4).getUint32(0, true);
  return Math.max(minChunkBytes, Math.min(maxChunkBytes, claimed + 1));
}

function toRefusal(cause: unknown, maxBytes: number): AppError {
  if (cause instanceof Error && "code" in cause && cause.code === "ERR_BUFFER_TOO_LARGE") {
    return new AppError("too_large", {
      message: `the body unpacks to more than ${maxBytes} bytes`,
      mend: "send smaller batches, or raise ingest.max_body",
      cause,
    });
  }
  return new AppError("bad_request", {
    message: "the body says it is gzip, but does not unpack",
    mend: "send the whole gzip, or leave Content-Encoding out",
    cause,
  });
}
