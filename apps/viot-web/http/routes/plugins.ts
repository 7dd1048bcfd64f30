import { Type } from "typebox";
import type { Plugins } from "#internal/plugins/contract.ts";
import type { Server } from "../server.ts";

const plugin = Type.Object(
  {
    kind: Type.String(),
    id: Type.String(),
    state: Type.Union([Type.Literal("enabled"), Type.Literal("off")]),
    reason: Type.Union([Type.String(), Type.Null()], { description: "why it is off" }),
  },
  { examples: [{ kind: "notifier", id: "webhook", state: "enabled", reason: null }] },
);

/** Which plugins there are, and whether they work. */
export function pluginRoutes(app: Server, { plugins }: { plugins: () => Pick<Plugins, "list"> }): void {
  app.get(
    "/api/v1/plugins",
    {
      config: { access: "viewer" },
      schema: {
        summary: "All plugins",
        tags: ["plugins"],
        response: { 200: Type.Object({ items: Type.Array(plugin), next: Type.Null() }) },
      },
    },
    async () => ({ items: [...plugins().list()], next: null }),
  );
}
