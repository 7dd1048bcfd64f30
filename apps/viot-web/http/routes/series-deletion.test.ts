import { afterEach, beforeEach, expect, it } from "vitest";
import { createServer, type Server } from "../server.ts";
import { type SeriesDeletionDeps, seriesDeletionRoutes } from "./series-deletion.ts";

let app: Server;
let told: unknown[];
let remove: NonNullable<SeriesDeletionDeps["store"]["delete"]>;
const deps: SeriesDeletionDeps = {
  store: { delete: (...args) => remove(...args) },
  audit: {
    async record(entry) {
      told.push(entry);
    },
  },
};
beforeEach(() => {
  [app, told] = [createServer(), []];
  remove = async (...args) => told.push(args);
  app.addHook("onRequest", async (request) => {
    request.principal = { name: "ann", role: "admin", kind: "session", csrf: null };
  });
  seriesDeletionRoutes(app, deps);
});
afterEach(() => app.close());
const up = [{ name: "__name__", op: "=", value: "up" }];

it.each(["/api/v1", "/prometheus/api/v1"])(
  "deletes what fits between two times, and writes who did, under %s",
  async (at) => {
    const answer = await app.inject({
      method: "POST",
      url: `${at}/admin/tsdb/delete_series?match[]=up&start=1&end=2.5`,
    });
    expect([answer.statusCode, answer.body]).toEqual([204, ""]);
    const after = { fromMs: 1000, toMs: 2500 };
    expect(told).toEqual([{ by: "ann", action: "series.delete", target: "up", before: null, after }, [up, 1000, 2500]]);
  },
);

it("takes a form, and everything when no times are given", async () => {
  const headers = { "content-type": "application/x-www-form-urlencoded" };
  const url = "/prometheus/api/v1/admin/tsdb/delete_series";
  expect((await app.inject({ method: "PUT", url, headers, payload: "match[]=up&match[]=up" })).statusCode).toBe(204);
  expect(told.slice(1)).toEqual([
    [up, -8.64e15, 8.64e15],
    [up, -8.64e15, 8.64e15],
  ]);
});

it("writes down that a deletion failed", async () => {
  remove = async () => {
    throw new Error("the disk is gone");
  };
  const answer = await app.inject({ method: "POST", url: "/api/v1/admin/tsdb/delete_series?match[]=up" });
  expect(answer.statusCode).toBe(500);
  const written = { by: "ann", target: "up", before: null };
  expect(told).toEqual([
    { ...written, action: "series.delete", after: { fromMs: -8.64e15, toMs: 8.64e15 } },
    { ...written, action: "series.delete_failed", after: { error: "the disk is gone" } },
  ]);
});

it.each(["", "?match[]=", "?match[]=rate(up[5m])", "?match[]=up&start=noon"])("refuses %j", async (query) => {
  const answer = await app.inject({ method: "POST", url: `/api/v1/admin/tsdb/delete_series${query}` });
  expect([answer.statusCode, told]).toEqual([400, []]);
});
