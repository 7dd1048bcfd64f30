import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { MatrixColumns } from "#internal/metrics/contract.ts";
import { createFakeClock } from "#pkg/clock/fake.ts";
import { AppError } from "#pkg/errors/errors.ts";
import { toText } from "../prometheus/json.ts";
import { createServer, type Server } from "../server.ts";
import { type MetricsRouteDeps, metricsRoutes } from "./metrics.ts";

let app: Server;
let asked: unknown[];
const found = { labels: { __name__: "pdu_current", room: "R1" } };
const none = new Map<number, bigint>();
const matrixOf = (row: Readonly<Record<string, string>>): MatrixColumns => ({
  timeMs: Float64Array.of(1000, 1500, 2500),
  rows: 2,
  set: undefined,
  labels: () => row,
  series: Uint32Array.of(1, 0, 1, 0, 0, 0),
  value: Float64Array.of(1, Number.NaN, Number.NaN, 0, 0, 0),
  exact: none,
});
const metrics: MetricsRouteDeps["metrics"] = {
  async vector(...args) {
    asked.push(args);
    if (args[0] === "broken(") throw new AppError("bad_request", { message: "it is broken", at: "expression:1:7" });
    return {
      set: Uint32Array.of(7, 8),
      timeMs: Float64Array.of(500, 500),
      value: Float64Array.of(1.5, 2 ** 53),
      exact: new Map([[1, 9007199254740993n]]),
    };
  },
  async matrix(...args) {
    asked.push(args);
    return matrixOf(found.labels);
  },
  async aggregate(request) {
    asked.push(request);
    return matrixOf({ room: "R1" });
  },
  labels: (set) => (set === 7 ? found.labels : { __name__: "我" }),
  series(...args) {
    asked.push(args);
    return [found.labels];
  },
  labelNames(...args) {
    asked.push(args);
    return ["__name__"];
  },
  labelValues(...args) {
    asked.push(args);
    return ["R1"];
  },
};

beforeEach(() => {
  [app, asked] = [createServer(), []];
  metricsRoutes(app, { metrics, clock: createFakeClock(7000) });
});
afterEach(() => app.close());
const get = async (url: string) => {
  const answer = await app.inject(url);
  return [answer.statusCode, answer.json()];
};
const post = async (url: string, form: string) => {
  const headers = { "content-type": "application/x-www-form-urlencoded" };
  const answer = await app.inject({ method: "POST", url, payload: form, headers });
  return [answer.statusCode, answer.json()];
};
const up = { name: "__name__", op: "=", value: "up" };
const down = { name: "__name__", op: "=", value: "down" };

describe("Prometheus' query API", () => {
  it.each(["/api/v1", "/prometheus/api/v1"])(
    "answers an instant under %s, at the time that was asked for",
    async (at) => {
      const vector = {
        resultType: "vector",
        result: [
          { metric: found.labels, value: [1.25, "1.5"] },
          { metric: { __name__: "我" }, value: [1.25, "9007199254740993"] },
        ],
      };
      expect(await get(`${at}/query?query=up&time=1.25&timeout=5s`)).toEqual([
        200,
        { status: "success", data: vector },
      ]);
      await get(`${at}/query?query=up`);
      await get(`${at}/query?query=up&time=1970-01-01T00:00:09Z`);
      expect(asked).toEqual([
        ["up", 1250],
        ["up", 7000],
        ["up", 9000],
      ]);
    },
  );

  it("answers a range, by form too", async () => {
    const matrix = {
      resultType: "matrix",
      result: [
        {
          metric: found.labels,
          values: [
            [1, "1"],
            [2.5, "NaN"],
          ],
        },
      ],
    };
    const answer = [200, { status: "success", data: matrix }];
    expect(await get("/api/v1/query_range?query=up&start=1&end=5&step=1.5")).toEqual(answer);
    expect(await post("/api/v1/query_range", "query=up&start=1&end=5&step=1m30s")).toEqual(answer);
    expect(asked).toEqual([
      ["up", 1000, 5000, 1500],
      ["up", 1000, 5000, 90_000],
    ]);
  });

  it("sums up by labels, names kept apart", async () => {
    const range = "start=1&end=5&step=1m";
    const [status, body] = await get(`/api/v1/aggregate?match=up&by=__name__,room&fn=mean&${range}`);
    expect([status, body.data.result[0].metric]).toEqual([200, { room: "R1" }]);
    await get(`/api/v1/aggregate?match=up&fn=last&across=max&${range}`);
    await get(`/api/v1/aggregate?match=up&fn=last&${range}`);
    const steps = { startMs: 1000, endMs: 5000, stepMs: 60_000, matchers: [up] };
    expect(asked).toEqual([
      { ...steps, by: ["__name__", "room"], over: "mean", across: "mean" },
      { ...steps, by: [], over: "last", across: "max" },
      { ...steps, by: [], over: "last", across: "mean" },
    ]);
    expect((await get(`/api/v1/aggregate?match=up&fn=median&${range}`))[0]).toBe(400);
    expect((await get(`/prometheus/api/v1/aggregate?match=up&fn=mean&${range}`))[0]).toBe(404);
  });

  it("takes one or many match[]", async () => {
    expect(await get("/api/v1/series?match[]=up&start=1")).toEqual([200, { status: "success", data: [found.labels] }]);
    await post("/api/v1/series", "match[]=up&match[]=down");
    await get("/api/v1/labels");
    await get("/api/v1/labels?match[]=up");
    await get("/api/v1/label/room/values?match[]=down");
    expect(asked).toEqual([[[[up]]], [[[up], [down]]], [undefined], [[[up]]], ["room", [[down]]]].map((args) => args));
  });

  it.each([
    ["/api/v1/query?query=broken(", "expression:1:7: it is broken"],
    ["/api/v1/query", "querystring must have required property 'query'"],
    ["/api/v1/query?query=up&time=noon", "noon"],
    ["/api/v1/query?query=up&time=1e300", "1e300"],
    ["/api/v1/query_range?query=up&start=1&end=5&step=0", "step"],
    ["/api/v1/query_range?query=up&start=1&end=5", "step"],
    ["/api/v1/series", "match[]"],
    ["/api/v1/series?match[]=up{", "expression:1:4"],
  ])("refuses %s in Prometheus' shape", async (url, part) => {
    const [status, body] = await get(url);
    expect([status, body]).toEqual([
      400,
      { status: "error", errorType: "bad_data", error: expect.stringContaining(part) },
    ]);
  });

  it.each([
    [1e21, "1e+21"],
    [1e-7, "1e-07"],
    [-0, "-0"],
    [Number.NEGATIVE_INFINITY, "-Inf"],
    [Number.POSITIVE_INFINITY, "+Inf"],
    [123456789.25, "123456789.25"],
  ])("prints %d as Go does", (value, text) => expect(toText(value)).toBe(text));
});
