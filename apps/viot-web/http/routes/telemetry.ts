import { Type } from "typebox";
import type { Telemetry } from "#pkg/telemetry/port.ts";
import type { Server } from "../server.ts";

/** `/metrics`: what the node tells of itself, for Prometheus and Telegraf's `inputs.prometheus`. */
export function telemetryRoutes(app: Server, { telemetry }: { telemetry: Telemetry }): void {
  app.get(
    "/metrics",
    {
      config: { access: "public" },
      schema: {
        summary: "The node's own metrics, Prometheus text",
        tags: ["health"],
        response: { 200: Type.String() },
      },
    },
    async (_request, reply) => {
      const { contentType, body } = await telemetry.text();
      return reply.type(contentType).send(body);
    },
  );
}
