import { Type } from "typebox";
import { checkConfig } from "#pkg/config/check.ts";
import { nodeConfig } from "../../config/config.ts";
import type { Reloader } from "../../config/reload.ts";
import type { LocalSocket } from "../local-socket.ts";
import { onlyThrough } from "../only-through.ts";
import type { Server } from "../server.ts";

const key = Type.Object(
  {
    key: Type.String({ description: "Dotted." }),
    restart: Type.Boolean({ description: "It takes effect only after a restart." }),
    description: Type.String(),
  },
  { examples: [{ key: "node.name", restart: true, description: "Name of this node." }] },
);
const body = Type.Object(
  { config: Type.Record(Type.String(), Type.Unknown(), { description: "The keys of a detectviz.conf." }) },
  { additionalProperties: false, examples: [{ config: { node: { name: "north" } } }] },
);
const answer = Type.Object(
  { items: Type.Array(key), next: Type.Null() },
  { examples: [{ items: [{ key: "node.name", restart: true, description: "Name of this node." }], next: null }] },
);

export interface ConfigRouteDeps {
  reloader: Pick<Reloader, "compare">;
  socket: Pick<LocalSocket, "isLocal">;
}

/** For `detectviz config check`: what a file would change. Through the node's socket only, since files hold secrets. */
export function configRoutes(app: Server, { reloader, socket }: ConfigRouteDeps): void {
  app.post(
    "/api/v1/config/compare",
    {
      config: { access: "admin" },
      onRequest: onlyThrough(
        socket,
        "a configuration is compared on the node's own machine",
        "npx detectviz config check",
      ),
      schema: {
        tags: ["config"],
        summary: "Keys in which a configuration differs from the one in use",
        body,
        response: { 200: answer },
      },
    },
    async (request) => {
      const config = checkConfig(nodeConfig, request.body.config, (path) => path.join("."), { mayRefer: true });
      return { items: reloader.compare(config), next: null };
    },
  );
}
