import type { FastifyReply } from "fastify";
import { Type } from "typebox";
import type { AggregateRequest, Metrics } from "#internal/metrics/contract.ts";
import type { History } from "#internal/metrics/history.ts";
import type { Clock } from "#pkg/clock/port.ts";
import { parseSelector } from "#pkg/promql/selector.ts";
import { type AnswerRoom, createAnswerRoom } from "../prometheus/answer-room.ts";
import { writeMatrix, writeVector } from "../prometheus/answers.ts";
import { acceptForms, answerErrors } from "../prometheus/envelope.ts";
import { writeJoined, writeJoinedVector } from "../prometheus/history-answers.ts";
import { createLabelJson, type LabelJson } from "../prometheus/label-json.ts";
import { type Parameters, toSets, toStepMs, toTimeMs } from "../prometheus/parameters.ts";
import type { Server } from "../server.ts";

export interface MetricsRouteDeps {
  metrics: Pick<Metrics, "vector" | "matrix" | "aggregate" | "labels" | "series" | "labelNames" | "labelValues">;
  clock: Clock;
  /** Answers what is older than the node's own samples. */
  history?: History | undefined;
}

/** With the JSON of labels that both places share. */
interface Answering extends MetricsRouteDeps {
  labelJson: LabelJson;
  room: AnswerRoom;
}

/** Where the routes stand: our own place, and the one that a Prometheus data source of Grafana expects. */
const ownPrefix = "/api/v1";
const prefixes = [ownPrefix, "/prometheus/api/v1"];

/** Prometheus' query API with its own shapes and errors: `query`, `query_range`, `series`, `labels`, `label/…/values`. */
export function metricsRoutes(app: Server, deps: MetricsRouteDeps): void {
  const answering = { ...deps, labelJson: createLabelJson(deps.metrics.labels), room: createAnswerRoom(deps.clock) };
  for (const prefix of prefixes) {
    app.register(
      async (scope) => {
        acceptForms(scope);
        answerErrors(scope);
        for (const route of [query, queryRange, series, labels]) both(scope, route, answering);
        if (prefix === ownPrefix) both(scope, aggregate, answering);
        labelValues(scope, deps);
      },
      { prefix },
    );
  }
}

/** One question, asked by GET with a query string or by POST with a form. */
interface PrometheusRoute {
  url: string;
  summary: string;
  parameters: ReturnType<typeof Type.Object>;
  example: unknown;
  /** The whole answer as JSON bytes, or what stands in its `data`. */
  answer(deps: Answering, parameters: Parameters): Promise<unknown>;
}

const time = (description: string) =>
  Type.Optional(Type.String({ description: `${description}: Unix seconds or RFC 3339.` }));
const many = Type.Union([Type.String(), Type.Array(Type.String())], {
  description: "Selectors; series that fit any of them.",
  examples: ['pdu_current{room="R1"}'],
});
const expression = Type.String({
  description:
    "PromQL: a selector, `avg_over_time(selector[1m])` (min, max, sum, count, last likewise), or `avg by (label) (…)` of either.",
  examples: ['pdu_current{room="R1"}', "avg by (room) (avg_over_time(pdu_power[1m]))"],
});
const period = { start: time("Taken as Prometheus takes it, but not looked at"), end: time("The same") };

const range = {
  start: Type.String({ description: "Unix seconds or RFC 3339.", examples: ["2026-01-01T00:00:00Z"] }),
  end: Type.String({ description: "Unix seconds or RFC 3339.", examples: ["2026-01-01T01:00:00Z"] }),
  step: Type.String({ description: "Seconds or a duration.", examples: ["15s"] }),
};

const query: PrometheusRoute = {
  url: "/query",
  summary: "Newest samples at one instant",
  parameters: Type.Object({ query: expression, time: time("The instant, now when left out") }),
  example: {
    resultType: "vector",
    result: [{ metric: { __name__: "pdu_current", room: "R1" }, value: [1704067200, "1.5"] }],
  },
  async answer({ metrics, clock, labelJson, room, history }, { query: text, time: at }) {
    const atMs = toTimeMs("time", at, clock.now());
    const joined = await history?.range(String(text), atMs, atMs, 1);
    if (joined) return writeJoinedVector(joined.items, atMs, joined.warnings);
    return await writeVector(await metrics.vector(String(text), atMs), atMs, labelJson, room);
  },
};

const queryRange: PrometheusRoute = {
  url: "/query_range",
  summary: "Samples at each step of a range",
  parameters: Type.Object({ query: expression, ...range }),
  example: { resultType: "matrix", result: [{ metric: { __name__: "pdu_current" }, values: [[1704067200, "1.5"]] }] },
  async answer({ metrics, labelJson, room, history }, { query, start, end, step }) {
    const [text, startMs, endMs, stepMs] = [
      String(query),
      toTimeMs("start", start),
      toTimeMs("end", end),
      toStepMs(step),
    ];
    const joined = await history?.range(text, startMs, endMs, stepMs);
    if (joined) return writeJoined(joined.items, joined.warnings);
    return await writeMatrix(await metrics.matrix(text, startMs, endMs, stepMs), labelJson, room);
  },
};

const functions = ["min", "max", "mean", "sum", "count"] as const;
const across = Type.Optional(
  Type.Union(
    functions.map((name) => Type.Literal(name)),
    { description: "What becomes of the series of a group; as `fn` when left out.", examples: ["mean"] },
  ),
);

const aggregate: PrometheusRoute = {
  url: "/aggregate",
  summary: "Means, extremes, sums of many series by labels and steps, names kept apart",
  parameters: Type.Object({
    match: Type.String({ description: "A selector of PromQL.", examples: ['{__name__=~"pdu_.+"}'] }),
    by: Type.Optional(Type.String({ description: "Labels, with commas between.", examples: ["__name__,room"] })),
    fn: Type.Union(
      [...functions, "last" as const].map((name) => Type.Literal(name)),
      {
        description: "What becomes of the samples of a step; of `last` the mean is taken across series.",
        examples: ["mean"],
      },
    ),
    across,
    ...range,
  }),
  example: { resultType: "matrix", result: [{ metric: { __name__: "pdu_current" }, values: [[1704067200, "1.5"]] }] },
  async answer({ metrics, labelJson, room }, { match, by, fn, across, start, end, step }) {
    // The schema lets no other names through.
    const over = fn as AggregateRequest["over"];
    const found = await metrics.aggregate({
      matchers: parseSelector(String(match)).matchers,
      by: by === undefined ? [] : String(by).split(","),
      over,
      across: (across as AggregateRequest["across"] | undefined) ?? (over === "last" ? "mean" : over),
      startMs: toTimeMs("start", start),
      endMs: toTimeMs("end", end),
      stepMs: toStepMs(step),
    });
    return await writeMatrix(found, labelJson, room);
  },
};

const series: PrometheusRoute = {
  url: "/series",
  summary: "Label sets of the series that fit",
  parameters: Type.Object({ "match[]": many, ...period }),
  example: [{ __name__: "pdu_current", room: "R1" }],
  answer: async ({ metrics }, parameters) => metrics.series(toSets(parameters["match[]"])),
};

const labels: PrometheusRoute = {
  url: "/labels",
  summary: "Names of labels",
  parameters: Type.Object({ "match[]": Type.Optional(many), ...period }),
  example: ["__name__", "room"],
  answer: async ({ metrics }, parameters) => metrics.labelNames(optionalSets(parameters)),
};

function optionalSets(parameters: Parameters) {
  return parameters["match[]"] === undefined ? undefined : toSets(parameters["match[]"]);
}

function both(scope: Server, route: PrometheusRoute, deps: Answering): void {
  const config = { access: "viewer" } as const;
  const [description, response] = ["Answers as Prometheus does.", succeeded(route.example)];
  const tags = ["metrics"];
  const shared = { tags, summary: route.summary, description, response };
  const answer = async (reply: FastifyReply, parameters: Parameters) => {
    const found = await route.answer(deps, parameters);
    if (!Buffer.isBuffer(found)) return { status: "success", data: found };
    // Not before: until then the socket reads from it. Of an answer that was broken off the memory is left to be collected.
    reply.raw.once("finish", () => deps.room.give(found));
    return reply.type("application/json; charset=utf-8").send(found);
  };
  scope.get(route.url, { config, schema: { ...shared, querystring: route.parameters } }, (request, reply) =>
    answer(reply, request.query as Parameters),
  );
  scope.post(route.url, { config, schema: { ...shared, body: route.parameters } }, (request, reply) =>
    answer(reply, request.body as Parameters),
  );
}

function labelValues(scope: Server, { metrics }: MetricsRouteDeps): void {
  const schema = {
    tags: ["metrics"],
    summary: "Values of one label",
    description: "Answers as Prometheus does.",
    params: Type.Object({ name: Type.String({ description: "Name of the label.", examples: ["room"] }) }),
    querystring: Type.Object({ "match[]": Type.Optional(many), ...period }),
    response: succeeded(["R1", "R2"]),
  };
  scope.get("/label/:name/values", { config: { access: "viewer" }, schema }, async (request) => ({
    status: "success",
    data: metrics.labelValues(request.params.name, optionalSets(request.query)),
  }));
}

function succeeded(data: unknown) {
  return { 200: Type.Any({ description: "Prometheus' envelope.", examples: [{ status: "success", data }] }) };
}
