import { readFileSync } from "node:fs";
import http, { type IncomingMessage, type RequestOptions } from "node:http";
import https from "node:https";
import { createGunzip } from "node:zlib";
import { AppError, messageOf } from "#pkg/errors/errors.ts";

/** Where requests go and how we prove who we are. */
export interface HttpTarget {
  url: string;
  headers: Readonly<Record<string, string>>;
  timeoutMs: number;
  /** Paths of PEM files; "" for none. */
  tls?: { ca: string; cert: string; key: string } | undefined;
}

export interface HttpAnswer {
  status: number;
  headers: Readonly<Record<string, string | string[] | undefined>>;
  body: string;
}

/** One server, over connections that are kept open. */
export interface HttpClient {
  /** `path` goes behind the target's own. Rejects with `AppError("unavailable")` when no whole answer comes in time. */
  send(
    method: "GET" | "POST",
    path: string,
    options?: { body?: Uint8Array | string; headers?: Record<string, string>; maxBytes?: number },
  ): Promise<HttpAnswer>;
  close(): void;
}

const mostAnswerBytes = 64 * 1024;

/** Throws `AppError("config")` when a file of `tls` cannot be read. */
export function createHttpClient(target: HttpTarget): HttpClient {
  const base = new URL(target.url);
  const isTls = base.protocol === "https:";
  const agentOptions = { keepAlive: true, maxSockets: 4, timeout: target.timeoutMs };
  const agent = isTls ? new https.Agent({ ...agentOptions, ...readPem(target.tls) }) : new http.Agent(agentOptions);
  const prefix = base.pathname.replace(/\/+$/, "");
  return {
    async send(method, path, { body, headers = {}, maxBytes = mostAnswerBytes } = {}) {
      const signal = AbortSignal.timeout(target.timeoutMs);
      const options: RequestOptions = {
        ...{ method, agent, signal },
        headers: {
          ...target.headers,
          "accept-encoding": "gzip",
          ...(body !== undefined && { "content-length": String(Buffer.byteLength(body)) }),
          ...headers,
        },
      };
      try {
        return await exchange(isTls, new URL(`${base.origin}${prefix}${path}`), options, body, maxBytes);
      } catch (error) {
        throw toUnavailable(error, base, signal.aborted ? target.timeoutMs : undefined);
      }
    },
    close: () => agent.destroy(),
  };
}

function exchange(
  isTls: boolean,
  url: URL,
  options: RequestOptions,
  body: Uint8Array | string | undefined,
  maxBytes: number,
): Promise<HttpAnswer> {
  return new Promise((resolve, reject) => {
    const request = (isTls ? https : http).request(url, options, (response) => {
      const { statusCode: status = 0, headers } = response;
      readBody(response, maxBytes).then(
        (text) => resolve({ status, headers, body: text }),
        (error: unknown) => {
          response.destroy(); // what is left of it would keep the connection busy
          reject(error);
        },
      );
    });
    request.on("error", reject);
    request.end(body);
  });
}

async function readBody(response: IncomingMessage, maxBytes: number): Promise<string> {
  const isZipped = response.headers["content-encoding"] === "gzip";
  const source = isZipped ? response.pipe(createGunzip()) : response;
  // A pipe does not hand on the error of its source.
  response.on("error", (error) => source.destroy(error));
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of source) {
    size += chunk.length;
    if (size > maxBytes) throw new RangeError(`the answer has more than ${maxBytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}

function toUnavailable(error: unknown, { origin }: URL, timeoutMs: number | undefined): AppError {
  const words = timeoutMs === undefined ? messageOf(error) : `no answer within ${timeoutMs / 1000} s`;
  // A refused connection over several addresses has no message of its own.
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  const message = words || code;
  return new AppError("unavailable", {
    at: origin,
    message,
    mend: "look whether it runs and can be reached",
    cause: error,
  });
}

function readPem(tls: HttpTarget["tls"]): { ca?: Buffer; cert?: Buffer; key?: Buffer } {
  const pem: { ca?: Buffer; cert?: Buffer; key?: Buffer } = {};
  for (const name of ["ca", "cert", "key"] as const) {
    const path = tls?.[name];
    if (path) pem[name] = readPemFile(path);
  }
  return pem;
}

function readPemFile(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    const mend = "name a PEM file that this user may read";
    throw new AppError("config", { at: path, message: messageOf(error), mend, cause: error });
  }
}
