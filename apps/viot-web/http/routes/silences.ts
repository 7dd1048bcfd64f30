import { type Static, Type } from "typebox";
import type { Silence, Silences } from "#internal/alert/contract.ts";
import { formatMatcher, parseMatcher } from "#internal/alert/matchers.ts";
import { AppError } from "#pkg/errors/errors.ts";
import type { Server } from "../server.ts";

export interface SilenceRoutesDeps {
  silences: Silences;
}

const tags = ["silences"];
const id = Type.String({ description: "id of the silence", examples: ["01930000-0000-7000-8000-000000000001"] });
const matchers = Type.Array(Type.String({ minLength: 1, maxLength: 1000 }), {
  description:
    'all must fit the alert\'s labels or its `severity`, written as Alertmanager does: room="R1", device=~"10[.]1[.].*"',
  maxItems: 20,
});
const silence = Type.Object({
  id,
  matchers,
  starts_at: Type.String(),
  until: Type.String(),
  reason: Type.String(),
  by: Type.String(),
  created_at: Type.String(),
});
/** The example can be sent as it stands, so its end lies ahead. */
const tomorrow = new Date(Date.now() + 86_400_000).toISOString();
const body = Type.Object(
  {
    matchers,
    until: Type.String({ description: "when it ends, RFC 3339; at most 30 days ahead", maxLength: 40 }),
    starts_at: Type.Optional(Type.String({ description: "when it begins, RFC 3339; default: now", maxLength: 40 })),
    reason: Type.String({ description: "why, for those who find it", maxLength: 1000 }),
  },
  {
    additionalProperties: false,
    examples: [{ matchers: ['room="R1"'], until: tomorrow, reason: "cooler is being repaired" }],
  },
);

/** `/silences`: alerts that match still happen, nobody is told. */
export function silenceRoutes(app: Server, { silences }: SilenceRoutesDeps): void {
  app.get(
    "/api/v1/silences",
    {
      config: { access: "viewer" },
      schema: {
        summary: "Silences, newest first",
        tags,
        querystring: Type.Object({
          scope: Type.Optional(
            Type.Union([Type.Literal("active"), Type.Literal("all")], {
              description: "active (default): not over yet",
            }),
          ),
        }),
        response: { 200: Type.Object({ items: Type.Array(silence), next: Type.Null() }) },
      },
    },
    async ({ query }) => ({ items: (await silences.list(query.scope ?? "active")).map(toJson), next: null }),
  );
  app.post(
    "/api/v1/silences",
    {
      config: { access: "operator" },
      schema: { summary: "Silence what matches, for a time and with a reason", tags, body, response: { 201: silence } },
    },
    async (request, reply) => {
      const { matchers, until, starts_at, reason } = request.body;
      const wish = {
        matchers: matchers.map((text, index) => parseMatcher(text, `/matchers/${index}`)),
        until: readTime(until, "/until"),
        ...(starts_at !== undefined && { startsAt: readTime(starts_at, "/starts_at") }),
        reason,
      };
      return reply.status(201).send(toJson(await silences.create(wish, request.principal.name)));
    },
  );
  app.delete(
    "/api/v1/silences/:id",
    {
      config: { access: "operator" },
      schema: { summary: "End a silence now", tags, params: Type.Object({ id }), response: { 204: Type.Null() } },
    },
    async ({ params, principal }, reply) => {
      await silences.expire(params.id, principal.name);
      return reply.status(204).send(null);
    },
  );
}

function readTime(text: string, pointer: string): number {
  const timeMs = /^\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d(:\d\d(\.\d+)?)?([Zz]|[+-]\d\d:\d\d)$/.test(text)
    ? Date.parse(text)
    : Number.NaN;
  if (!Number.isNaN(timeMs)) return timeMs;
  const mend = "write it as 2030-01-01T12:00:00Z, with its offset";
  throw new AppError("bad_request", {
    at: pointer,
    message: `${JSON.stringify(text)} is no time`,
    mend,
    fields: [{ pointer, detail: mend }],
  });
}

function toJson(one: Silence): Static<typeof silence> {
  return {
    id: one.id,
    matchers: one.matchers.map(formatMatcher),
    starts_at: new Date(one.startsAt).toISOString(),
    until: new Date(one.until).toISOString(),
    reason: one.reason,
    by: one.by,
    created_at: new Date(one.createdAt).toISOString(),
  };
}
