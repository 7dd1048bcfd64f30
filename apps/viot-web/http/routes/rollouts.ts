import { type Static, Type } from "typebox";
import type { Rollout, Rollouts } from "#internal/autodeploy/contract.ts";
import { AppError } from "#pkg/errors/errors.ts";
import type { Logger } from "#pkg/logger/port.ts";
import type { Server } from "../server.ts";

const text = (description: string) => Type.String({ description });
const orNull = (description: string) => Type.Union([Type.String(), Type.Null()], { description });
const keys = (description: string) => Type.Array(Type.String(), { description });
const states = ["rendered", "checked", "applying", "watching", "applied", "failed", "rolled_back"] as const;
const state = Type.Enum(states);

/** One rollout as the API shows it. */
export const rolloutSchema = Type.Object(
  {
    id: Type.String(),
    unit_id: Type.String(),
    state,
    devices: keys("keys of the devices in the unit after it"),
    added: keys("keys of the devices that it added"),
    removed: keys("keys of the devices that it took out"),
    refused: Type.Array(
      Type.Object({ device_key: Type.String(), problem: Type.Object({ code: Type.String(), detail: Type.String() }) }),
      { description: "devices that were left out, each with the reason" },
    ),
    snapshot_before: orNull("version before it; null when the unit is new"),
    snapshot_after: orNull("version it made; null when it made none"),
    telegraf_output: text("what Telegraf said: config check, --test, log lines while watching"),
    detail: orNull("how it ended, in words"),
    by: text("who wanted it"),
    reason: Type.String(),
    steps: Type.Array(Type.Object({ state, at: Type.String(), detail: Type.String() })),
    started_at: Type.String(),
    ended_at: orNull("null while it runs"),
  },
  {
    examples: [
      {
        id: "01930000-0000-7000-8000-000000000001",
        unit_id: "f12-p7-dc1-snmp-1",
        state: "applied",
        devices: ["10.1.249.35:161:0"],
        added: ["10.1.249.35:161:0"],
        removed: [],
        refused: [
          { device_key: "10.1.249.36:161:0", problem: { code: "no_answer", detail: "Telegraf got no point from it" } },
        ],
        snapshot_before: null,
        snapshot_after: "8c0e…",
        telegraf_output: "2026-11-23T08:00:00Z I! Starting Telegraf 1.39.3",
        detail: "points of all awaited devices arrived; 1 left out",
        by: "autodeploy",
        reason: "device.accepted",
        steps: [{ state: "rendered", at: "2026-11-23T08:00:00.000Z", detail: "2 devices in 3 files" }],
        started_at: "2026-11-23T08:00:00.000Z",
        ended_at: "2026-11-23T08:00:12.000Z",
      },
    ],
  },
);

const listQuery = Type.Object(
  {
    limit: Type.Optional(Type.String({ description: "1 to 500; 100 when left out", pattern: "^[1-9][0-9]{0,2}$" })),
    unit_id: Type.Optional(text("of this unit only")),
  },
  { additionalProperties: false },
);

const request = Type.Object(
  {
    reason: Type.Optional(Type.String({ description: "kept in the ledger", maxLength: 500 })),
    wait: Type.Optional(Type.Boolean({ description: "answer when all rollouts have ended", default: false })),
  },
  { additionalProperties: false, examples: [{ reason: "after the recabling of room R1", wait: false }] },
);

const made = Type.Object({
  state: Type.Union([Type.Literal("running"), Type.Literal("done")]),
  items: Type.Array(rolloutSchema, { description: "empty when nothing differed, and while it runs" }),
});

const idParams = Type.Object({ id: Type.String({ examples: ["01930000-0000-7000-8000-000000000001"] }) });
const defaultLimit = 100;
const maxLimit = 500;

/** The ledger of rollouts; deploying now, and taking one back. */
export function rolloutRoutes(app: Server, { rollouts, log }: { rollouts: RolloutApi; log: Logger }): void {
  app.get(
    "/api/v1/rollouts",
    {
      config: { access: "viewer" },
      schema: {
        summary: "Rollouts, newest first",
        tags: ["rollouts"],
        querystring: listQuery,
        response: { 200: Type.Object({ items: Type.Array(rolloutSchema), next: Type.Null() }) },
      },
    },
    async ({ query }) => {
      const limit = Math.min(Number(query.limit ?? defaultLimit), maxLimit);
      const items = await rollouts.list(query.unit_id === undefined ? limit : maxLimit);
      const wanted = items.filter(({ unitId }) => query.unit_id === undefined || unitId === query.unit_id);
      return { items: wanted.slice(0, limit).map(toRolloutJson), next: null };
    },
  );
  app.get(
    "/api/v1/rollouts/:id",
    {
      config: { access: "viewer" },
      schema: { summary: "One rollout", tags: ["rollouts"], params: idParams, response: { 200: rolloutSchema } },
    },
    async ({ params }) => toRolloutJson((await rollouts.get(params.id)) ?? notThere(params.id)),
  );
  deployRoute(app, rollouts, log);
  app.post(
    "/api/v1/rollouts/:id/rollback",
    {
      config: { access: "engineer" },
      schema: {
        summary: "Put back what the unit ran with before this rollout; answers when points arrive again",
        tags: ["rollouts"],
        params: idParams,
        response: { 200: rolloutSchema },
      },
    },
    async ({ params, principal }) => toRolloutJson(await rollouts.rollback(params.id, principal.name)),
  );
}

type RolloutApi = Pick<Rollouts, "get" | "list" | "reconcile" | "rollback">;

function deployRoute(app: Server, rollouts: RolloutApi, log: Logger): void {
  app.post(
    "/api/v1/rollouts",
    {
      config: { access: "engineer" },
      schema: {
        summary: "Deploy what the inventory says now, also what was refused lately",
        tags: ["rollouts"],
        body: request,
        response: { 200: made, 202: made },
      },
      // Without a body it means the same as with an empty one.
      preValidation: async (call) => {
        call.body ??= {};
      },
    },
    async ({ body, principal }, reply) => {
      const work = rollouts.reconcile(principal.name, body.reason ?? "asked for", { retryRefused: true });
      if (body.wait === true) return { state: "done" as const, items: (await work).map(toRolloutJson) };
      work.catch((error: unknown) => log.error({ error }, "a rollout that was asked for failed"));
      reply.code(202);
      return { state: "running" as const, items: [] };
    },
  );
}

function notThere(id: string): never {
  throw new AppError("not_found", { message: `there is no rollout ${id}`, mend: "GET /api/v1/rollouts lists them" });
}

/** A rollout in the API's shape. */
export function toRolloutJson(one: Rollout): Static<typeof rolloutSchema> {
  return {
    id: one.id,
    unit_id: one.unitId,
    state: one.state,
    devices: [...one.devices],
    added: [...one.added],
    removed: [...one.removed],
    refused: one.refused.map(({ deviceKey, problem }) => ({ device_key: deviceKey, problem })),
    snapshot_before: one.snapshotBefore,
    snapshot_after: one.snapshotAfter,
    telegraf_output: one.telegrafOutput,
    detail: one.detail,
    by: one.by,
    reason: one.reason,
    steps: one.steps.map((step) => ({ ...step, at: new Date(step.at).toISOString() })),
    started_at: new Date(one.startedAt).toISOString(),
    ended_at: one.endedAt === null ? null : new Date(one.endedAt).toISOString(),
  };
}
