import { Type } from "typebox";
import type { LocalSocket } from "../local-socket.ts";
import { onlyThrough } from "../only-through.ts";
import type { Server } from "../server.ts";

export interface BackupRouteDeps {
  socket: Pick<LocalSocket, "isLocal">;
  /** Writes a consistent copy into a new folder of this machine. */
  writeBackup(folder: string): Promise<void>;
}

/** For `detectviz backup`: names a folder of the node's own machine, so only its owner may ask. */
export function backupRoutes(app: Server, { socket, writeBackup }: BackupRouteDeps): void {
  app.post(
    "/api/v1/backups",
    {
      config: { access: "admin" },
      onRequest: onlyThrough(
        socket,
        "a backup is asked for on the node's own machine",
        "npx detectviz backup --to DIR",
      ),
      schema: {
        summary: "Write a backup into a folder of the node's machine (through its socket only)",
        tags: ["system"],
        body: Type.Object(
          { folder: Type.String({ description: "absolute path, not there yet", pattern: "^/" }) },
          { additionalProperties: false, examples: [{ folder: "/var/backups/detectviz-2026-01-01" }] },
        ),
        response: { 201: Type.Object({ folder: Type.String() }) },
      },
    },
    async (request, reply) => {
      await writeBackup(request.body.folder);
      return reply.status(201).send({ folder: request.body.folder });
    },
  );
}
