import { Type } from "typebox";
import type { Health, PartReport } from "#internal/healthcheck/contract.ts";
import { AppError } from "#pkg/errors/errors.ts";
import type { Server } from "../server.ts";

const status = Type.Union([Type.Literal("ok"), Type.Literal("degraded"), Type.Literal("down")]);
const part = Type.Object({ status, detail: Type.String(), since: Type.String() });
const whole = Type.Object(
  { status, parts: Type.Record(Type.String(), part) },
  {
    examples: [
      { status: "ok", parts: { sql: { status: "ok", detail: "answers", since: "2026-01-01T00:00:00.000Z" } } },
    ],
  },
);

/** `/api/health` for people and load balancers, `/api/health/<module>` for one part. No log-in. */
export function healthRoutes(app: Server, { health }: { health: Health }): void {
  app.get(
    "/api/health",
    {
      config: { access: "public" },
      schema: { summary: "Health of every part", tags: ["health"], response: { 200: whole, 503: whole } },
    },
    async (_request, reply) => {
      const report = await health.report();
      const parts = Object.fromEntries(Object.entries(report.parts).map(([name, one]) => [name, toJson(one)]));
      return reply.status(report.status === "down" ? 503 : 200).send({ status: report.status, parts });
    },
  );
  app.get(
    "/api/health/:module",
    {
      config: { access: "public" },
      schema: {
        summary: "Health of one part",
        tags: ["health"],
        params: Type.Object({ module: Type.String({ examples: ["sql"] }) }),
        response: { 200: part, 503: part },
      },
    },
    async (request, reply) => {
      const one = (await health.report()).parts[request.params.module];
      if (!one)
        throw new AppError("not_found", {
          message: `there is no part "${request.params.module}"`,
          mend: "GET /api/health lists them",
        });
      return reply.status(one.status === "down" ? 503 : 200).send(toJson(one));
    },
  );
}

function toJson(report: PartReport) {
  return { ...report, since: new Date(report.since).toISOString() };
}
