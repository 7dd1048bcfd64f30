import type { FastifyReply, FastifyRequest } from "fastify";
import { Type } from "typebox";
import type { AuditLog } from "#pkg/contracts/audit.ts";
import { AppError, messageOf } from "#pkg/errors/errors.ts";
import type { MetricStore } from "#pkg/tsdb/port.ts";
import { acceptForms, answerErrors } from "../prometheus/envelope.ts";
import { type Parameters, toSets, toTimeMs } from "../prometheus/parameters.ts";
import type { Server } from "../server.ts";

export interface SeriesDeletionDeps {
  store: Pick<MetricStore, "delete">;
  audit: Pick<AuditLog, "record">;
}

const time = (description: string) =>
  Type.Optional(Type.String({ description: `${description}: Unix seconds or RFC 3339.` }));
const parameters = Type.Object({
  "match[]": Type.Union([Type.String(), Type.Array(Type.String())], {
    description: "Selectors; samples of series that fit any of them go.",
    examples: ['pdu_current{room="R1"}'],
  }),
  start: time("First time to delete, the beginning when left out"),
  end: time("Last time to delete, no bound when left out"),
});

/** Prometheus' `delete_series`, for administrators: under its own place and ours. Each call is in the audit log. */
export function seriesDeletionRoutes(app: Server, deps: SeriesDeletionDeps): void {
  for (const prefix of ["/api/v1", "/prometheus/api/v1"]) {
    app.register(
      async (scope) => {
        acceptForms(scope);
        answerErrors(scope);
        // Prometheus takes parameters in the address for POST too, and a form.
        scope.route({
          method: ["POST", "PUT"],
          url: "/admin/tsdb/delete_series",
          config: { access: "admin" },
          schema: {
            tags: ["metrics"],
            summary: "Delete samples of series",
            description:
              "As Prometheus' admin API: the samples are gone for readers when this answers, on disk soon after.",
            querystring: Type.Partial(parameters),
            response: { 204: Type.Null({ description: "Deleted.", examples: [null] }) },
          },
          handler: (request, reply) => deleteSeries(deps, request, reply),
        });
      },
      { prefix },
    );
  }
}

async function deleteSeries({ store, audit }: SeriesDeletionDeps, request: FastifyRequest, reply: FastifyReply) {
  // A form is read as such by `acceptForms`, anything else is refused by its content type.
  const given = { ...(request.query as Parameters), ...(request.body as Parameters | undefined) };
  const sets = toSets(given["match[]"]);
  if (sets.length === 0) throw refuse("match[]", "no match[] parameter provided", "say which series, by a selector");
  const fromMs = toTimeMs("start", given["start"], -8.64e15);
  const toMs = toTimeMs("end", given["end"], 8.64e15);
  if (!store.delete) throw refuse("storage.metrics", "this store cannot delete", "delete in the store itself");
  const entry = { by: request.principal.name, target: [given["match[]"]].flat().join(", "), before: null };
  // Samples are in no transaction with the audit log: the entry is on disk first, so that no deletion is without one.
  await audit.record({ ...entry, action: "series.delete", after: { fromMs, toMs } });
  try {
    for (const matchers of sets) await store.delete(matchers, fromMs, toMs);
  } catch (error) {
    await audit.record({ ...entry, action: "series.delete_failed", after: { error: messageOf(error) } });
    throw error;
  }
  return reply.status(204).send();
}

function refuse(at: string, message: string, mend: string): AppError {
  return new AppError("bad_request", { at, message, mend });
}
