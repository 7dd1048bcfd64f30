import { Type } from "typebox";
import type { AuditLog } from "#pkg/contracts/audit.ts";
import { AppError } from "#pkg/errors/errors.ts";
import type { EventBus, ReplayFrom } from "#pkg/eventbus/port.ts";
import type { Tx } from "#pkg/sql/port.ts";
import type { Server } from "../server.ts";
import {
  deadLetterSchema,
  deadLettersSchema,
  groupsSchema,
  replayedSchema,
  replaySchema,
  toGroupJson,
  toLetterJson,
} from "./event-groups-json.ts";

export interface EventGroupRoutesDeps {
  bus: Pick<EventBus, "groups" | "deadLetters" | "resend" | "drop" | "replay">;
  audit: { record(entry: Parameters<AuditLog["record"]>[0], tx?: Tx): Promise<void> };
}

const tags = ["events"];
const group = Type.String({ description: "Name of the group.", minLength: 1, maxLength: 200, examples: ["notifier"] });
const params = Type.Object({
  group,
  id: Type.String({
    description: "Id of the event.",
    pattern: "^[0-9a-f-]{36}$",
    examples: ["019b7a3c-1111-7000-8000-000000000000"],
  }),
});

/** Consumer groups: how they stand, what they would not take, and a hand on both. */
export function eventGroupRoutes(app: Server, { bus, audit }: EventGroupRoutesDeps): void {
  const record = (by: string, action: string, target: string, after: unknown) => (tx: Tx) =>
    audit.record({ by, action, target, before: null, after }, tx);

  app.get(
    "/api/v1/events/groups",
    {
      config: { access: "viewer" },
      schema: { tags, summary: "List consumer groups with their lag", response: { 200: groupsSchema } },
    },
    async () => ({ items: (await bus.groups()).map(toGroupJson), next: null }),
  );
  app.get(
    "/api/v1/events/dead-letters",
    {
      config: { access: "viewer" },
      schema: {
        tags,
        summary: "List events that no handler would take, oldest first",
        querystring: Type.Object({ group: Type.Optional(group) }),
        response: { 200: deadLettersSchema },
      },
    },
    async (request) => ({ items: (await bus.deadLetters(request.query.group)).map(toLetterJson), next: null }),
  );
  app.post(
    "/api/v1/events/dead-letters/:group/:id/resend",
    {
      config: { access: "engineer" },
      schema: { tags, summary: "Hand a dead letter to its group again", params, response: { 200: deadLetterSchema } },
    },
    async (request) => {
      const { group: name, id } = request.params;
      const within = record(request.principal.name, "event.resend", `${name}/${id}`, null);
      return toLetterJson(await bus.resend(name, id, within));
    },
  );
  app.delete(
    "/api/v1/events/dead-letters/:group/:id",
    {
      config: { access: "engineer" },
      schema: { tags, summary: "Drop a dead letter", params, response: { 204: Type.Null() } },
    },
    async (request, reply) => {
      const { group: name, id } = request.params;
      await bus.drop(name, id, record(request.principal.name, "event.drop", `${name}/${id}`, null));
      return reply.code(204).send(null);
    },
  );
  app.post(
    "/api/v1/events/groups/:group/replay",
    {
      config: { access: "engineer" },
      schema: {
        tags,
        summary: "Set a group back: it gets all events from there again",
        params: Type.Object({ group }),
        body: replaySchema,
        response: { 200: replayedSchema },
      },
    },
    async (request) => {
      const { group: name } = request.params;
      const within = record(request.principal.name, "event.replay", name, request.body);
      const { events } = await bus.replay(name, toReplayFrom(request.body), within);
      return { group: name, events };
    },
  );
}

function toReplayFrom({ from_time, from_id }: { from_time?: string; from_id?: string }): ReplayFrom {
  const timeMs = Date.parse(from_time ?? "");
  if (from_id !== undefined && from_time === undefined) return { id: from_id };
  if (from_id === undefined && !Number.isNaN(timeMs)) return { timeMs };
  throw new AppError("bad_request", {
    message: "from where?",
    mend: 'one of "from_time" (RFC 3339) and "from_id" (id of an event)',
  });
}
