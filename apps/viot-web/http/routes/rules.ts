import { type Static, Type } from "typebox";
import type { Rule, Rules } from "#internal/rule/contract.ts";
import { ruleSchema } from "#internal/rule/schema.ts";
import { toRuleBody, toRuleSpec, toSpec } from "#internal/rule/wire.ts";
import { AppError } from "#pkg/errors/errors.ts";
import type { Server } from "../server.ts";

export interface RuleRoutesDeps {
  rules: Rules;
}

const tags = ["rules"];
const id = Type.String({ description: "id of the rule", examples: ["01930000-0000-7000-8000-000000000001"] });
const byId = Type.Object({ id });
const nullable = <T extends Parameters<typeof Type.Union>[0][number]>(schema: T) => Type.Union([schema, Type.Null()]);

const rule = Type.Object(
  {
    id,
    ...ruleSchema.properties,
    source: nullable(Type.String({ description: "file:line of a rule that comes from a file; it is read-only here" })),
    watched: Type.Integer({ description: "label sets that the rule watches now" }),
    created_at: Type.String(),
    updated_at: Type.String(),
  },
  { additionalProperties: true },
);
const state = Type.Object({
  labels: Type.Record(Type.String(), Type.String()),
  state: Type.String({ description: "normal, pending, firing, recovering or no_data" }),
  level: nullable(Type.String()),
  value: nullable(Type.Number()),
  since: Type.String(),
  last_sample_at: nullable(Type.String()),
});
const ruleWithStates = Type.Object(
  { ...rule.properties, states: Type.Array(state, { description: "those not normal first, at most 1000" }) },
  { additionalProperties: true },
);

const example = {
  name: "PhaseOverload",
  condition: "pdu_current",
  comparison: ">" as const,
  levels: { warning: { threshold: 12, reset: 11, for: "10s" }, critical: { threshold: 16, reset: 14 } },
  annotations: { summary: "{{ $labels.name }} draws {{ $value }} A" },
};
const body = Type.Object(ruleSchema.properties, { additionalProperties: false, examples: [example] });
const patch = Type.Partial(Type.Object(ruleSchema.properties), {
  additionalProperties: false,
  examples: [{ levels: { warning: { threshold: 13, reset: 12 } } }],
});

/** `/rules`: what is judged. A change is judged at once by the newest stored values. */
export function ruleRoutes(app: Server, deps: RuleRoutesDeps): void {
  readRoutes(app, deps);
  createRoute(app, deps);
  changeRoutes(app, deps);
  switchRoutes(app, deps);
}

function readRoutes(app: Server, { rules }: RuleRoutesDeps): void {
  app.get(
    "/api/v1/rules",
    {
      config: { access: "viewer" },
      schema: {
        summary: "All rules by name",
        tags,
        querystring: Type.Object({
          search: Type.Optional(Type.String({ maxLength: 200, description: "part of the name, condition or a tag" })),
        }),
        response: {
          200: Type.Object({ items: Type.Array(rule), next: Type.Null({ description: "the list is always whole" }) }),
        },
      },
    },
    async ({ query }) => {
      const wanted = query.search?.toLowerCase() ?? "";
      const fits = (one: Rule) =>
        [one.name, one.condition, ...(one.tags ?? [])].some((text) => text.toLowerCase().includes(wanted));
      return { items: (await rules.list()).filter(fits).map((one) => toRuleJson(rules, one)), next: null };
    },
  );
  app.get(
    "/api/v1/rules/:id",
    {
      config: { access: "viewer" },
      schema: { summary: "One rule and where its series stand", tags, params: byId, response: { 200: ruleWithStates } },
    },
    async ({ params }) => {
      const found = await readRule(rules, params.id);
      return { ...toRuleJson(rules, found), states: toStates(rules, found.id) };
    },
  );
}

function createRoute(app: Server, { rules }: RuleRoutesDeps): void {
  app.post(
    "/api/v1/rules",
    {
      config: { access: "engineer" },
      schema: {
        summary: "Make a rule",
        description: "Either a selector with `comparison` and `levels`, or a comparison with `level`.",
        tags,
        body,
        response: { 201: rule },
      },
    },
    async (request, reply) => {
      const made = await rules.create(toRuleSpec(request.body), request.principal.name);
      return reply.status(201).send(toRuleJson(rules, made));
    },
  );
}

function changeRoutes(app: Server, { rules }: RuleRoutesDeps): void {
  app.put(
    "/api/v1/rules/:id",
    {
      config: { access: "engineer" },
      schema: { summary: "Replace a rule", tags, params: byId, body, response: { 200: rule } },
    },
    async ({ params, body, principal }) =>
      toRuleJson(rules, await rules.update(params.id, toRuleSpec(body), principal.name)),
  );
  app.patch(
    "/api/v1/rules/:id",
    {
      config: { access: "engineer" },
      schema: {
        summary: "Change some keys of a rule",
        description: "Keys that are given replace the rule's; of `levels`, those levels that are given.",
        tags,
        params: byId,
        body: patch,
        response: { 200: rule },
      },
    },
    async ({ params, body, principal }) => {
      const merged = mergeRule(await readRule(rules, params.id), body);
      return toRuleJson(rules, await rules.update(params.id, toRuleSpec(merged), principal.name));
    },
  );
  app.delete(
    "/api/v1/rules/:id",
    {
      config: { access: "engineer" },
      schema: { summary: "Delete a rule; its open alerts end", tags, params: byId, response: { 204: Type.Null() } },
    },
    async ({ params, principal }, reply) => {
      await rules.remove(params.id, principal.name);
      return reply.status(204).send(null);
    },
  );
}

function switchRoutes(app: Server, { rules }: RuleRoutesDeps): void {
  for (const [verb, enabled] of [
    ["enable", true],
    ["disable", false],
  ] as const) {
    app.post(
      `/api/v1/rules/:id/${verb}`,
      {
        config: { access: "engineer" },
        schema: {
          summary: enabled ? "Judge by this rule again" : "Judge nothing by this rule; its open alerts end",
          tags,
          params: byId,
          response: { 200: rule },
        },
      },
      async ({ params, principal }) => {
        const body = { ...toRuleBody(toSpec(await readRule(rules, params.id))), enabled };
        return toRuleJson(rules, await rules.update(params.id, toRuleSpec(body), principal.name));
      },
    );
  }
}

async function readRule(rules: Rules, id: string): Promise<Rule> {
  const found = await rules.get(id);
  if (found) return found;
  throw new AppError("not_found", { message: `there is no rule ${id}`, mend: "GET /api/v1/rules lists them" });
}

/** One level is replaced whole: a reset that is left out goes back to the threshold. */
function mergeRule(before: Rule, change: Static<typeof patch>): Static<typeof body> {
  const known = toRuleBody(toSpec(before));
  const levels = change.levels && { levels: { ...known.levels, ...change.levels } };
  return { ...known, ...change, ...levels };
}

function toRuleJson(rules: Rules, found: Rule): Static<typeof rule> {
  return {
    ...toRuleBody(toSpec(found)),
    id: found.id,
    enabled: found.enabled ?? true,
    source: found.source,
    watched: rules.watched(found.id),
    created_at: toTime(found.createdAt),
    updated_at: toTime(found.updatedAt),
  };
}

const maxStates = 1000;

function toStates(rules: Rules, id: string): Static<typeof state>[] {
  const states = rules.states(id);
  const abnormal = states.filter((one) => one.state !== "normal");
  const shown = [...abnormal, ...states.filter((one) => one.state === "normal")].slice(0, maxStates);
  return shown.map((one) => ({
    labels: { ...one.labels },
    state: one.state,
    level: one.level,
    value: one.value,
    since: toTime(one.sinceMs),
    last_sample_at: one.lastSampleMs > 0 ? toTime(one.lastSampleMs) : null,
  }));
}

function toTime(timeMs: number): string {
  return new Date(timeMs).toISOString();
}
