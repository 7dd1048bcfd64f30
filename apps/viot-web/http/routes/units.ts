import { type Static, Type } from "typebox";
import type { Rollouts } from "#internal/autodeploy/contract.ts";
import type { Fleet, TelegrafUnit } from "#internal/fleet/contract.ts";
import { AppError } from "#pkg/errors/errors.ts";
import type { Server } from "../server.ts";
import { rolloutSchema, toRolloutJson } from "./rollouts.ts";

const states = ["stopped", "starting", "running", "backing_off", "failed"] as const;
const orNull = (description: string) => Type.Union([Type.String(), Type.Null()], { description });

const unit = Type.Object(
  {
    id: Type.String(),
    state: Type.Enum(states),
    pid: Type.Union([Type.Integer(), Type.Null()]),
    config_hash: orNull("digest of the files it runs with"),
    devices: Type.Array(Type.String(), { description: "keys of the devices it reads" }),
    started_at: orNull("null while it does not run"),
    restarts: Type.Integer({ description: "starts after it ended by itself, since this node is up" }),
    log: Type.Array(Type.String(), { description: "its last lines, newest last" }),
    last_error: orNull("why it does not run"),
  },
  {
    examples: [
      {
        id: "f12-p7-dc1-snmp-1",
        state: "running",
        pid: 4711,
        config_hash: "8c0e5a1b2c3d4e5f",
        devices: ["10.1.249.35:161:0"],
        started_at: "2026-11-23T08:00:00.000Z",
        restarts: 0,
        log: ["2026-11-23T08:00:00Z I! Starting Telegraf 1.39.3"],
        last_error: null,
      },
    ],
  },
);

const unitParams = Type.Object({ id: Type.String({ examples: ["f12-p7-dc1-snmp-1"] }) });
const hash = Type.String({
  description: "SHA-256 of a snapshot",
  pattern: "^[0-9a-f]{64}$",
  examples: ["0".repeat(64)],
});
const pairParams = Type.Object({ id: Type.String({ examples: ["f12-p7-dc1-snmp-1"] }), a: hash, b: hash });
const snapshotParams = Type.Object({ id: Type.String({ examples: ["f12-p7-dc1-snmp-1"] }), a: hash });
const snapshot = Type.Object(
  { hash: Type.String(), at: Type.String(), rollout_id: orNull("the rollout that kept it") },
  { examples: [{ hash: "0".repeat(64), at: "2026-11-23T08:00:00.000Z", rollout_id: null }] },
);

export interface UnitRoutesDeps {
  fleet: Pick<Fleet, "units" | "restart">;
  rollouts: Pick<Rollouts, "snapshots" | "diff" | "restore">;
}

/** The Telegraf processes of this machine and the versions of what they run with. */
export function unitRoutes(app: Server, { fleet, rollouts }: UnitRoutesDeps): void {
  app.get(
    "/api/v1/telegraf-units",
    {
      config: { access: "viewer" },
      schema: {
        summary: "Telegraf processes",
        tags: ["telegraf"],
        response: { 200: Type.Object({ items: Type.Array(unit), next: Type.Null() }) },
      },
    },
    async () => ({ items: fleet.units().map(toJson), next: null }),
  );
  app.post(
    "/api/v1/telegraf-units/:id/restart",
    {
      config: { access: "engineer" },
      schema: { summary: "Restart one Telegraf", tags: ["telegraf"], params: unitParams, response: { 200: unit } },
    },
    async ({ params }) => {
      await fleet.restart(params.id);
      return toJson(fleet.units().find(({ id }) => id === params.id) ?? notThere(params.id));
    },
  );
  snapshotRoutes(app, rollouts);
}

function snapshotRoutes(app: Server, rollouts: UnitRoutesDeps["rollouts"]): void {
  app.get(
    "/api/v1/telegraf-units/:id/snapshots",
    {
      config: { access: "viewer" },
      schema: {
        summary: "Versions of a unit's files, newest first",
        tags: ["telegraf"],
        params: unitParams,
        response: { 200: Type.Object({ items: Type.Array(snapshot), next: Type.Null() }) },
      },
    },
    async ({ params }) => {
      const items = await rollouts.snapshots(params.id);
      const toItem = (one: (typeof items)[number]) => ({
        hash: one.hash,
        at: toTime(one.at),
        rollout_id: one.rolloutId,
      });
      return { items: items.map(toItem), next: null };
    },
  );
  app.get(
    "/api/v1/telegraf-units/:id/snapshots/:a/diff/:b",
    {
      config: { access: "viewer" },
      schema: {
        summary: "What changed from one version to another, as a unified diff; communities are masked",
        tags: ["telegraf"],
        params: pairParams,
        response: { 200: Type.Object({ diff: Type.String() }, { examples: [{ diff: "--- telegraf.conf\n+++ …" }] }) },
      },
    },
    async ({ params }) => ({ diff: await rollouts.diff(params.id, params.a, params.b) }),
  );
  app.post(
    "/api/v1/telegraf-units/:id/snapshots/:a/restore",
    {
      config: { access: "engineer" },
      schema: {
        summary: "Put a version back; answers when points arrive again",
        tags: ["telegraf"],
        params: snapshotParams,
        response: { 200: rolloutSchema },
      },
    },
    async ({ params, principal }) => toRolloutJson(await rollouts.restore(params.id, params.a, principal.name)),
  );
}

function notThere(id: string): never {
  throw new AppError("not_found", {
    message: `there is no Telegraf unit ${id}`,
    mend: "GET /api/v1/telegraf-units lists them",
  });
}

function toJson(one: TelegrafUnit): Static<typeof unit> {
  return {
    id: one.id,
    state: one.state,
    pid: one.pid,
    config_hash: one.configHash,
    devices: [...one.devices],
    started_at: one.startedAt === null ? null : toTime(one.startedAt),
    restarts: one.restarts,
    log: [...one.log],
    last_error: one.lastError,
  };
}

function toTime(at: number): string {
  return new Date(at).toISOString();
}
