import { chmodSync, rmSync } from "node:fs";
import type { IncomingMessage, Server as NodeServer } from "node:http";
import type { Socket } from "node:net";
import { join } from "node:path";
import { http } from "#pkg/node/http.ts";
import type { Server } from "./server.ts";

/** The commands' way in: a socket in the data folder that only the node's own user can open. */
export interface LocalSocket {
  /** True for a request that came through the socket: whoever can open it owns the node. */
  isLocal(request: { raw: IncomingMessage }): boolean;
  open(app: Server): Promise<void>;
  close(): Promise<void>;
}

/** Where the socket of a data folder is. */
export function socketFile(dataFolder: string): string {
  return join(dataFolder, "node.sock");
}

/** Makes the socket; `open` starts to listen (after the routes are ready), `close` ends it. */
export function createLocalSocket(dataFolder: string): LocalSocket {
  const file = socketFile(dataFolder);
  const sockets = new WeakSet<Socket>();
  let server: NodeServer | undefined;
  return {
    isLocal: ({ raw }) => sockets.has(raw.socket),
    async open(app) {
      rmSync(file, { force: true }); // left by a killed node; the folder's lock is ours by now
      const listening = http.createServer((request, response) => app.routing(request, response));
      listening.on("connection", (socket) => sockets.add(socket));
      await new Promise<void>((resolve, reject) => listening.once("error", reject).listen(file, resolve));
      chmodSync(file, 0o600);
      server = listening;
    },
    async close() {
      server?.closeAllConnections();
      await new Promise((resolve) => (server ? server.close(resolve) : resolve(undefined)));
      rmSync(file, { force: true });
    },
  };
}
