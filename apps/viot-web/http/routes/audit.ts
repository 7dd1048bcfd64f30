import { Type } from "typebox";
import type { Audit } from "#pkg/audit/port.ts";
import { AppError } from "#pkg/errors/errors.ts";
import type { Server } from "../server.ts";

const query = Type.Object({
  limit: Type.Optional(Type.String({ pattern: "^\\d{1,4}$", description: "1 to 1000; 100 when left out." })),
  cursor: Type.Optional(Type.String({ pattern: "^\\d{1,15}$", description: "`next` of the page before." })),
});
const list = Type.Object(
  {
    items: Type.Array(
      Type.Object({
        id: Type.Integer(),
        at: Type.String({ description: "RFC 3339, UTC." }),
        by: Type.String({ description: "A user's name, token:<name>, or the part of the program." }),
        action: Type.String(),
        target: Type.String(),
        before: Type.Unknown(),
        after: Type.Unknown(),
      }),
    ),
    next: Type.Union([Type.String(), Type.Null()]),
  },
  {
    description: "Newest first.",
    examples: [
      {
        items: [
          {
            id: 7,
            at: "2026-11-23T08:00:00.000Z",
            by: "admin",
            action: "token.create",
            target: "telegraf in hall 2",
            before: null,
            after: { role: "ingest" },
          },
        ],
        next: "7",
      },
    ],
  },
);

const defaultLimit = 100;
const maxLimit = 1000;

/** Who changed what. */
export function auditRoutes(app: Server, { audit }: { audit: Pick<Audit, "page"> }): void {
  app.get(
    "/api/v1/audit",
    {
      config: { access: "admin" },
      schema: { tags: ["access"], summary: "The audit log", querystring: query, response: { 200: list } },
    },
    async (request) => {
      const limit = Number(request.query.limit ?? defaultLimit);
      if (limit < 1 || limit > maxLimit) throw wrongLimit();
      const { cursor } = request.query;
      const entries = await audit.page({ limit, ...(cursor === undefined ? {} : { before: Number(cursor) }) });
      const last = entries.length === limit ? entries.at(-1) : undefined;
      return {
        items: entries.map((entry) => ({ ...entry, at: new Date(entry.at).toISOString() })),
        next: last ? String(last.id) : null,
      };
    },
  );
}

function wrongLimit(): AppError {
  return new AppError("bad_request", { at: "limit", message: "is not from 1 to 1000", mend: "ask for fewer at once" });
}
