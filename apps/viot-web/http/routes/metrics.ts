import { Type } from "typebox";
import type { Metrics } from "#internal/metrics/contract.ts";
import type { Clock } from "#pkg/clock/port.ts";
import { acceptForms, answerErrors } from "../prometheus/envelope.ts";
import { toMatrix, toVector } from "../prometheus/json.ts";
import { type Parameters, toSets, toStepMs, toTimeMs } from "../prometheus/parameters.ts";
import type { Server } from "../server.ts";

export interface MetricsRouteDeps {
  metrics: Pick<Metrics, "query" | "queryRange" | "series" | "labelNames" | "labelValues">;
  clock: Clock;
}

/** Where the routes stand: our own place, and the one that a Prometheus data source of Grafana expects. */
const prefixes = ["/api/v1", "/prometheus/api/v1"];

/** Prometheus' query API with its own shapes and errors: `query`, `query_range`, `series`, `labels`, `label/…/values`. */
export function metricsRoutes(app: Server, deps: MetricsRouteDeps): void {
  for (const prefix of prefixes) {
    app.register(
      async (scope) => {
        acceptForms(scope);
        answerErrors(scope);
        for (const route of [query, queryRange, series, labels]) both(scope, route, deps);
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
  answer(deps: MetricsRouteDeps, parameters: Parameters): Promise<unknown>;
}

const time = (description: string) =>
  Type.Optional(Type.String({ description: `${description}: Unix seconds or RFC 3339.` }));
const many = Type.Union([Type.String(), Type.Array(Type.String())], {
  description: "Selectors; series that fit any of them.",
  examples: ['pdu_current{room="R1"}'],
});
const expression = Type.String({ description: "A selector of PromQL.", examples: ['pdu_current{room="R1"}'] });
const period = { start: time("Taken as Prometheus takes it, but not looked at"), end: time("The same") };

const query: PrometheusRoute = {
  url: "/query",
  summary: "Newest samples at one instant",
  parameters: Type.Object({ query: expression, time: time("The instant, now when left out") }),
  example: {
    resultType: "vector",
    result: [{ metric: { __name__: "pdu_current", room: "R1" }, value: [1704067200, "1.5"] }],
  },
  async answer({ metrics, clock }, { query: text, time: at }) {
    const atMs = toTimeMs("time", at, clock.now());
    return { resultType: "vector", result: toVector(await metrics.query(String(text), atMs), atMs) };
  },
};

const queryRange: PrometheusRoute = {
  url: "/query_range",
  summary: "Samples at each step of a range",
  parameters: Type.Object({
    query: expression,
    start: Type.String({ description: "Unix seconds or RFC 3339.", examples: ["2026-01-01T00:00:00Z"] }),
    end: Type.String({ description: "Unix seconds or RFC 3339.", examples: ["2026-01-01T01:00:00Z"] }),
    step: Type.String({ description: "Seconds or a duration.", examples: ["15s"] }),
  }),
  example: { resultType: "matrix", result: [{ metric: { __name__: "pdu_current" }, values: [[1704067200, "1.5"]] }] },
  async answer({ metrics }, { query: text, start, end, step }) {
    const [startMs, endMs] = [toTimeMs("start", start), toTimeMs("end", end)];
    const found = await metrics.queryRange(String(text), startMs, endMs, toStepMs(step));
    return { resultType: "matrix", result: toMatrix(found) };
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

function both(scope: Server, route: PrometheusRoute, deps: MetricsRouteDeps): void {
  const config = { access: "viewer" } as const;
  const [description, response] = ["Answers as Prometheus does.", succeeded(route.example)];
  const tags = ["metrics"];
  const shared = { tags, summary: route.summary, description, response };
  scope.get(route.url, { config, schema: { ...shared, querystring: route.parameters } }, async (request) => ({
    status: "success",
    data: await route.answer(deps, request.query as Parameters),
  }));
  scope.post(route.url, { config, schema: { ...shared, body: route.parameters } }, async (request) => ({
    status: "success",
    data: await route.answer(deps, request.body as Parameters),
  }));
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
