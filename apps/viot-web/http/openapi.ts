import swagger from "@fastify/swagger";
import type { Server } from "./server.ts";

/** Collects every route's schema; call before the routes. Pages and static files stay out. */
export async function registerOpenApi(app: Server, version: string): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: "3.1.0",
      info: {
        title: "Detectviz",
        version,
        description: "Finds devices, deploys Telegraf, judges, tells. Times are RFC 3339 in UTC.",
      },
      components: { securitySchemes: { token: { type: "http", scheme: "bearer" } } },
      security: [{ token: [] }],
    },
    transform: ({ schema, url, route }) => {
      const isApi = /^\/(api|write|metrics|prometheus)/.test(url);
      return { schema: { ...schema, hide: !isApi || (schema?.hide ?? false), "x-access": route.config?.access }, url };
    },
  });
  app.get("/api/openapi.json", { config: { access: "public" }, schema: { hide: true } }, async () => app.swagger());
}
