import { type Static, Type } from "typebox";
import type { Notification, Notifier } from "#internal/notifier/contract.ts";
import { AppError } from "#pkg/errors/errors.ts";
import type { Server } from "../server.ts";

const state = Type.Union([
  Type.Literal("queued"),
  Type.Literal("sent"),
  Type.Literal("failed"),
  Type.Literal("suppressed"),
]);

const notification = Type.Object(
  {
    id: Type.String({ description: "also the X-Detectviz-Delivery that went out" }),
    alert_id: Type.Union([Type.String(), Type.Null()], { description: "null for a test message" }),
    contact_id: Type.String(),
    contact: Type.String({ description: "the contact's name at that time" }),
    channel: Type.String(),
    status: Type.Union([Type.Literal("firing"), Type.Literal("resolved"), Type.Literal("test")]),
    state,
    attempts: Type.Array(Type.Object({ at: Type.String(), status: Type.String(), detail: Type.String() }), {
      description: "the first and the newest, with the other side's own words",
    }),
    reason: Type.Union([Type.String(), Type.Null()], { description: "why it was suppressed, failed or waits" }),
    created_at: Type.String(),
    updated_at: Type.String(),
  },
  {
    examples: [
      {
        id: "01930000-0000-7000-8000-000000000001",
        alert_id: "01930000-0000-7000-8000-00000000000a",
        contact_id: "01930000-0000-7000-8000-00000000000b",
        contact: "Operations",
        channel: "webhook",
        status: "firing",
        state: "sent",
        attempts: [{ at: "2026-01-01T00:00:00.000Z", status: "200", detail: "" }],
        reason: null,
        created_at: "2026-01-01T00:00:00.000Z",
        updated_at: "2026-01-01T00:00:00.000Z",
      },
    ],
  },
);

const query = Type.Object(
  {
    alert_id: Type.Optional(Type.String({ description: "of this alert only" })),
    contact_id: Type.Optional(Type.String({ description: "to this contact only" })),
    state: Type.Optional(state),
    limit: Type.Optional(Type.String({ description: "at most 500", pattern: "^[0-9]{1,3}$", examples: ["50"] })),
    cursor: Type.Optional(Type.String({ description: "`next` of the page before" })),
  },
  { additionalProperties: false },
);

/** What was told to whom, newest first, with every attempt. */
export function notificationRoutes(app: Server, { notifier }: { notifier: Pick<Notifier, "get" | "list"> }): void {
  app.get(
    "/api/v1/notifications",
    {
      config: { access: "viewer" },
      schema: {
        summary: "Delivery records, newest first",
        tags: ["notifications"],
        querystring: query,
        response: {
          200: Type.Object({ items: Type.Array(notification), next: Type.Union([Type.String(), Type.Null()]) }),
        },
      },
    },
    async (request) => {
      const { items, next } = await notifier.list(toQuery(request.query));
      return { items: items.map(toJson), next };
    },
  );
  app.get(
    "/api/v1/notifications/:id",
    {
      config: { access: "viewer" },
      schema: {
        summary: "One delivery record",
        tags: ["notifications"],
        params: Type.Object({ id: Type.String({ examples: ["01930000-0000-7000-8000-000000000001"] }) }),
        response: { 200: notification },
      },
    },
    async ({ params }) => {
      const found = await notifier.get(params.id);
      if (found) return toJson(found);
      throw new AppError("not_found", {
        message: `there is no notification ${params.id}`,
        mend: "GET /api/v1/notifications lists them",
      });
    },
  );
}

function toQuery({ alert_id, contact_id, limit, ...rest }: Static<typeof query>): Parameters<Notifier["list"]>[0] {
  return {
    ...rest,
    ...(alert_id === undefined ? {} : { alertId: alert_id }),
    ...(contact_id === undefined ? {} : { contactId: contact_id }),
    ...(limit === undefined ? {} : { limit: Number(limit) }),
  };
}

function toJson(one: Notification): Static<typeof notification> {
  return {
    id: one.id,
    alert_id: one.alertId === "" ? null : one.alertId,
    contact_id: one.contactId,
    contact: one.contactName,
    channel: one.channel,
    status: one.status,
    state: one.state,
    attempts: one.attempts.map((attempt) => ({ ...attempt, at: new Date(attempt.at).toISOString() })),
    reason: one.reason,
    created_at: new Date(one.createdAt).toISOString(),
    updated_at: new Date(one.updatedAt).toISOString(),
  };
}
