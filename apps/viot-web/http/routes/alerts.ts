import { type Static, Type } from "typebox";
import type { Alert, AlertQuery, Alerts } from "#internal/alert/contract.ts";
import { parseMatcher } from "#internal/alert/matchers.ts";
import type { alertLevels } from "#pkg/contracts/alerting.ts";
import { AppError } from "#pkg/errors/errors.ts";
import type { Server } from "../server.ts";

export interface AlertRoutesDeps {
  alerts: Alerts;
}

const tags = ["alerts"];
const id = Type.String({ description: "id of the alert", examples: ["01930000-0000-7000-8000-000000000001"] });
const byId = Type.Object({ id });
const texts = Type.Record(Type.String(), Type.String());
const textOrNull = Type.Union([Type.String(), Type.Null()]);
const level = Type.Union([Type.Literal("info"), Type.Literal("warning"), Type.Literal("critical")]);

/** An alert as REST shows it. */
export const alertSchema = Type.Object({
  id,
  fingerprint: Type.String({ description: "the same for all episodes of one rule and label set, whatever the level" }),
  rule_id: Type.String(),
  rule_name: Type.String(),
  labels: texts,
  annotations: texts,
  level,
  condition_state: Type.String({ description: "normal, firing, recovering, no_data or error" }),
  acknowledgement: Type.String({ description: "unacknowledged or acknowledged" }),
  acknowledged_by: textOrNull,
  cover: Type.Union([Type.String(), Type.Null()], { description: "the first that holds, in ISA-18.2's order" }),
  covers: Type.Array(Type.String()),
  value: Type.Union([Type.Number(), Type.Null()]),
  started_at: Type.String(),
  ended_at: textOrNull,
  updated_at: Type.String(),
});

const entry = Type.Object({
  at: Type.String(),
  change: Type.String({ description: "opened, level, recovering, firing, no_data, closed, acknowledged or cover" }),
  from: textOrNull,
  to: textOrNull,
  by: Type.String(),
  value: Type.Union([Type.Number(), Type.Null()]),
  reason: Type.String(),
});

const query = Type.Object(
  {
    scope: Type.Optional(
      Type.Union([Type.Literal("open"), Type.Literal("firing"), Type.Literal("ended"), Type.Literal("all")], {
        description: "open (default): not ended, or ended and not acknowledged",
      }),
    ),
    level: Type.Optional(level),
    rule_id: Type.Optional(Type.String({ maxLength: 36 })),
    label: Type.Optional(
      Type.Union([Type.String({ maxLength: 1000 }), Type.Array(Type.String({ maxLength: 1000 }), { maxItems: 20 })], {
        description: 'equal label, for example room="R1"; may be given more than once',
      }),
    ),
    search: Type.Optional(Type.String({ maxLength: 200, description: "text in any label" })),
    limit: Type.Optional(
      Type.String({ pattern: "^[1-9]\\d{0,3}$", description: "rows of a page, 100 by default, 1000 at most" }),
    ),
    cursor: Type.Optional(Type.String({ maxLength: 36, description: "`next` of the page before" })),
  },
  { additionalProperties: false, examples: [{ scope: "firing", level: "critical" }] },
);

/** `/alerts`: what is wrong, what became of it, and "I have seen it". */
export function alertRoutes(app: Server, deps: AlertRoutesDeps): void {
  readRoutes(app, deps);
  acknowledgeRoute(app, deps);
}

function readRoutes(app: Server, { alerts }: AlertRoutesDeps): void {
  app.get(
    "/api/v1/alerts",
    {
      config: { access: "viewer" },
      schema: {
        summary: "Alerts, newest first",
        tags,
        querystring: query,
        response: { 200: Type.Object({ items: Type.Array(alertSchema), next: textOrNull }) },
      },
    },
    async (request) => {
      const { items, next } = await alerts.list(toQuery(request.query));
      return { items: items.map(toAlertJson), next };
    },
  );
  app.get(
    "/api/v1/alerts/:id",
    {
      config: { access: "viewer" },
      schema: { summary: "One alert", tags, params: byId, response: { 200: alertSchema } },
    },
    async ({ params }) => {
      const found = await alerts.get(params.id);
      if (found) return toAlertJson(found);
      throw new AppError("not_found", {
        message: `there is no alert ${params.id}`,
        mend: "GET /api/v1/alerts lists them",
      });
    },
  );
  app.get(
    "/api/v1/alerts/:id/timeline",
    {
      config: { access: "viewer" },
      schema: {
        summary: "What happened to an alert, oldest first",
        tags,
        params: byId,
        response: { 200: Type.Object({ items: Type.Array(entry), next: Type.Null() }) },
      },
    },
    async ({ params }) => {
      const entries = await alerts.timeline(params.id);
      return { items: entries.map((one) => ({ ...one, at: toTime(one.at) })), next: null };
    },
  );
}

function acknowledgeRoute(app: Server, { alerts }: AlertRoutesDeps): void {
  app.post(
    "/api/v1/alerts/:id/acknowledge",
    {
      config: { access: "operator" },
      schema: {
        summary: "Say that the alert was seen; it goes on",
        description: "A second time changes nothing.",
        tags,
        params: byId,
        body: Type.Object(
          { comment: Type.Optional(Type.String({ maxLength: 2000, description: "for those who look later" })) },
          { additionalProperties: false, examples: [{ comment: "on my way" }] },
        ),
        response: { 200: alertSchema },
      },
    },
    async ({ params, body, principal }) =>
      toAlertJson(await alerts.acknowledge(params.id, principal.name, body.comment ?? "")),
  );
}

function toQuery(query: {
  scope?: AlertQuery["scope"] & string;
  level?: (typeof alertLevels)[number];
  rule_id?: string;
  label?: string | string[];
  search?: string;
  limit?: string;
  cursor?: string;
}): AlertQuery {
  const { rule_id, label, limit, ...same } = query;
  return {
    ...same,
    ...(rule_id !== undefined && { ruleId: rule_id }),
    ...(limit !== undefined && { limit: Number(limit) }),
    ...(label !== undefined && { labels: toLabels([label].flat()) }),
  };
}

function toLabels(texts: readonly string[]): Record<string, string> {
  const labels: Record<string, string> = {};
  for (const text of texts) {
    const { name, op, value } = parseMatcher(text, "/label");
    if (op !== "=") {
      throw new AppError("bad_request", {
        at: "/label",
        message: `"${text}" is not an equality`,
        mend: 'write for example room="R1"',
      });
    }
    labels[name] = value;
  }
  return labels;
}

/** The alert in `snake_case`, times as RFC 3339. */
export function toAlertJson(one: Alert): Static<typeof alertSchema> {
  return {
    id: one.id,
    fingerprint: one.fingerprint,
    rule_id: one.ruleId,
    rule_name: one.ruleName,
    labels: { ...one.labels },
    annotations: { ...one.annotations },
    level: one.level,
    condition_state: one.conditionState,
    acknowledgement: one.acknowledgement,
    acknowledged_by: one.acknowledgedBy,
    cover: one.cover,
    covers: [...one.covers],
    value: one.value,
    started_at: toTime(one.startedAt),
    ended_at: one.endedAt === null ? null : toTime(one.endedAt),
    updated_at: toTime(one.updatedAt),
  };
}

function toTime(timeMs: number): string {
  return new Date(timeMs).toISOString();
}
