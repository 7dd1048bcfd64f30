import { readFileSync } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer as createTlsServer, type Server as TlsServer } from "node:https";
import type { Server as NodeServer } from "node:net";
import { createSecureContext } from "node:tls";
import type { PartHealth } from "#internal/healthcheck/contract.ts";
import { AppError, messageOf } from "#pkg/errors/errors.ts";
import type { Logger } from "#pkg/logger/port.ts";
import { http } from "#pkg/node/http.ts";
import { toAddress } from "./listen.ts";
import type { Server } from "./server.ts";
import { type CertificateWatch, watchCertificate } from "./watch-certificate.ts";

/** `[http]` */
export interface DoorConfig {
  listen: string;
  tls?: { cert: string; key: string };
}

/** A change of the door that stands beside what is open, until it is kept or given up. */
export interface DoorChange {
  keep(): Promise<void>;
  giveUp(): Promise<void>;
}

/** Where people and programs come in. What answers them stays the same while address and certificate change. */
export interface Door {
  /** Starts to listen; throws `AppError("unavailable")` that says what holds the port, and the mend. */
  open(app: Server, config: DoorConfig): Promise<void>;
  /** Opens what `config` says beside what is open. Throws as `open` does; then nothing has changed. */
  prepare(config: DoorConfig): Promise<DoorChange>;
  /** "degraded" while a renewed certificate cannot be used and the old one is. */
  health(): PartHealth;
  close(): Promise<void>;
}

/** One listener with what watches its certificate. */
interface Opening {
  server: NodeServer;
  config: DoorConfig;
  certificate: CertificateWatch | undefined;
}

const nothing: DoorChange = { keep: async () => undefined, giveUp: async () => undefined };
/** Requests under way get this long when their listener closes. */
const lingerMs = 2000;

export function createDoor({ log }: { log: Logger }): Door {
  let opening: Opening | undefined;
  let answer: ((request: IncomingMessage, response: ServerResponse) => void) | undefined;
  const listen = (config: DoorConfig) =>
    startListening(config, (request, response) => answer?.(request, response), log);
  const take = (next: Opening) => {
    const before = opening;
    opening = next;
    return before ? stopListening(before) : Promise.resolve();
  };
  return {
    async open(app, config) {
      await app.ready();
      answer = (request, response) => app.routing(request, response);
      opening = await listen(config);
    },
    async prepare(config) {
      if (!opening || isSame(opening.config, config)) return nothing;
      const before = opening;
      if (before.config.listen !== config.listen) {
        const next = await listen(config);
        return { keep: () => take(next), giveUp: () => stopListening(next) };
      }
      if (config.tls) readTls(config.tls); // what can be wrong is found while the old one still listens
      return { ...nothing, keep: () => changeInPlace(before, config) };
    },
    health: () => opening?.certificate?.health() ?? { status: "ok", detail: `listens on ${opening?.config.listen}` },
    close: async () => void (opening && (await stopListening(opening))),
  };

  /** Of one address there is one listener: the old one ends before the new one begins, and comes back if that fails. */
  async function changeInPlace(before: Opening, config: DoorConfig): Promise<void> {
    await stopListening(before);
    try {
      opening = await listen(config);
    } catch (error) {
      opening = await listen(before.config);
      throw error;
    }
  }
}

function isSame(a: DoorConfig, b: DoorConfig): boolean {
  return a.listen === b.listen && a.tls?.cert === b.tls?.cert && a.tls?.key === b.tls?.key;
}

async function startListening(
  config: DoorConfig,
  answer: (request: IncomingMessage, response: ServerResponse) => void,
  log: Logger,
): Promise<Opening> {
  const { host, port } = toAddress(config.listen);
  const tls = config.tls && readTls(config.tls);
  // As Fastify's own server does: idle connections live longer than those of a proxy in front, long bodies may take long.
  const options = { keepAliveTimeout: 72_000, requestTimeout: 0 };
  const server = tls ? createTlsServer({ ...options, ...tls }, answer) : http.createServer(options, answer);
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error) => reject(cannotListen(config.listen, error)));
    server.listen(port, host, resolve);
  });
  server.on("error", (error) => log.error({ error }, "the listener failed"));
  const certificate =
    config.tls &&
    tls &&
    watchCertificate({ files: config.tls, used: tls, server: server as TlsServer, read: readTls, log });
  return { server, config, certificate };
}

async function stopListening({ server, certificate }: Opening): Promise<void> {
  await certificate?.close();
  const listener = server as TlsServer; // both kinds have what is used here
  const closed = new Promise((resolve) => listener.close(resolve));
  listener.closeIdleConnections();
  const force = setTimeout(() => listener.closeAllConnections(), lingerMs);
  await closed;
  clearTimeout(force);
}

function cannotListen(listen: string, error: Error): AppError {
  return new AppError("unavailable", {
    at: listen,
    message: `this address cannot be listened on (${messageOf(error)})`,
    mend: "stop what listens there, or choose another with --listen HOST:PORT or [http] listen",
    cause: error,
  });
}

/** Certificate and key, of which the one fits the other. Throws `AppError("config")` that names the file. */
export function readTls(tls: { cert: string; key: string }): { cert: Buffer; key: Buffer } {
  const pair = { cert: readPem(tls.cert), key: readPem(tls.key) };
  try {
    createSecureContext(pair);
  } catch (error) {
    const message = `this certificate cannot be used with the key ${tls.key} (${messageOf(error)})`;
    throw new AppError("config", { at: tls.cert, message, mend: "correct [http] tls", cause: error });
  }
  return pair;
}

function readPem(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    throw new AppError("config", { at: file, message: messageOf(error), mend: "correct [http] tls", cause: error });
  }
}
