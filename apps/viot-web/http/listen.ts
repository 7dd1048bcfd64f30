import { readFileSync } from "node:fs";
import { AppError, messageOf } from "#pkg/errors/errors.ts";
import type { Server } from "./server.ts";

/** `HOST:PORT` as the configuration says it. */
export function toAddress(listen: string): { host: string; port: number } {
  const colon = listen.lastIndexOf(":");
  return { host: listen.slice(0, colon).replace(/^\[|\]$/g, ""), port: Number(listen.slice(colon + 1)) };
}

/** Where programs on this machine reach a node that listens on `address`. */
export function toLocalUrl({ host, port }: { host: string; port: number }, secure: boolean): string {
  const reachable = host === "0.0.0.0" || host === "::" ? "127.0.0.1" : host.includes(":") ? `[${host}]` : host;
  return `${secure ? "https" : "http"}://${reachable}:${port}`;
}

/** Starts to listen. Throws `AppError("unavailable")` that says what holds the port, and the mend. */
export async function listen(app: Server, address: { host: string; port: number }): Promise<number> {
  try {
    await app.listen(address);
  } catch (error) {
    throw new AppError("unavailable", {
      at: `${address.host}:${address.port}`,
      message: `this address cannot be listened on (${messageOf(error)})`,
      mend: "stop what listens there, or choose another with --listen HOST:PORT or [http] listen",
      cause: error,
    });
  }
  const bound = app.server.address();
  return typeof bound === "object" && bound !== null ? bound.port : address.port;
}

/** Certificate and key for HTTPS. Throws `AppError("config")` naming the file that cannot be read. */
export function readTls(tls: { cert: string; key: string } | undefined): { cert: Buffer; key: Buffer } | undefined {
  return tls && { cert: readPem(tls.cert), key: readPem(tls.key) };
}

function readPem(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    throw new AppError("config", { at: file, message: messageOf(error), mend: "correct [http] tls", cause: error });
  }
}
