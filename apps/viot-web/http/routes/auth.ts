import { type Static, Type } from "typebox";
import { type AuthProvider, userRoles } from "#pkg/auth/port.ts";
import type { Clock } from "#pkg/clock/port.ts";
import { durationPattern, parseDuration } from "#pkg/config/duration.ts";
import { AppError } from "#pkg/errors/errors.ts";
import type { Server } from "../server.ts";

export interface AuthRouteDeps {
  auth: AuthProvider;
  clock: Clock;
}

const time = Type.String({ description: "RFC 3339, UTC." });
const maybeTime = Type.Union([time, Type.Null()]);
const name = Type.String({ minLength: 1, maxLength: 100, pattern: "\\S" });
const role = Type.Enum([...userRoles, "ingest"], {
  description: "What its holder may do; ingest may only write samples.",
});

const newToken = Type.Object(
  {
    name,
    role,
    expires_in: Type.Optional(Type.String({ pattern: durationPattern, description: "For ever when left out." })),
  },
  { additionalProperties: false, examples: [{ name: "telegraf in hall 2", role: "ingest", expires_in: "365d" }] },
);
const madeToken = Type.Object(
  { id: Type.String(), token: Type.String({ description: "Shown this once." }) },
  { description: "The new token.", examples: [{ id: "0192f3c1-7a70-7000-8000-000000000000", token: "dvz_…" }] },
);
const tokenList = Type.Object(
  {
    items: Type.Array(
      Type.Object({
        id: Type.String(),
        name: Type.String(),
        role: Type.String(),
        created_at: time,
        expires_at: maybeTime,
        last_used_at: maybeTime,
      }),
    ),
    next: Type.Null(),
  },
  { description: "All tokens.", examples: [{ items: [], next: null }] },
);

/** Tokens of machines, and the caller's own account. */
export function authRoutes(app: Server, { auth, clock }: AuthRouteDeps): void {
  const tags = ["access"];
  const admin = { access: "admin" } as const;

  app.get(
    "/api/v1/tokens",
    { config: admin, schema: { tags, summary: "List API tokens", response: { 200: tokenList } } },
    async () => ({ items: (await auth.listTokens()).map(toTokenItem), next: null }),
  );
  app.post(
    "/api/v1/tokens",
    { config: admin, schema: { tags, summary: "Make an API token", body: newToken, response: { 201: madeToken } } },
    async (request, reply) => {
      const { expires_in, ...wish } = request.body;
      const expiresAt = expires_in === undefined ? null : clock.now() + parseDuration(expires_in);
      const made = await auth.createToken({ ...wish, expiresAt, by: request.principal.name });
      return reply.code(201).header("Cache-Control", "no-store").send(made);
    },
  );
  const params = Type.Object({
    id: Type.String({
      description: "The token's id.",
      maxLength: 36,
      examples: ["01930000-0000-7000-8000-000000000001"],
    }),
  });
  app.delete(
    "/api/v1/tokens/:id",
    { config: admin, schema: { tags, summary: "Revoke an API token", params, response: { 204: Type.Null() } } },
    async (request, reply) => {
      const { id } = request.params;
      if (!(await auth.revokeToken(id, request.principal.name))) throw unknownToken(id);
      return reply.code(204).send(null);
    },
  );
  accountRoutes(app, auth);
}

const account = Type.Object(
  {
    name: Type.String(),
    role: Type.String(),
    kind: Type.Enum(["session", "token"]),
    must_change_password: Type.Boolean(),
    expires_at: maybeTime,
  },
  {
    description: "Who calls.",
    examples: [{ name: "admin", role: "admin", kind: "session", must_change_password: false, expires_at: null }],
  },
);
const passwordChange = Type.Object(
  { old_password: Type.String({ maxLength: 1000 }), new_password: Type.String({ maxLength: 1000 }) },
  { additionalProperties: false, examples: [{ old_password: "…", new_password: "a few words do well" }] },
);

function accountRoutes(app: Server, auth: AuthProvider): void {
  const tags = ["access"];
  const viewer = { access: "viewer" } as const;
  app.get(
    "/api/v1/account",
    { config: viewer, schema: { tags, summary: "Who am I?", response: { 200: account } } },
    (request): Static<typeof account> => {
      const { name: caller, role: callerRole, kind } = request.principal;
      const { mustChangePassword = false, expiresAt = null } = request.session ?? {};
      const times = { must_change_password: mustChangePassword, expires_at: toTime(expiresAt) };
      return { name: caller, role: callerRole, kind, ...times };
    },
  );
  app.post(
    "/api/v1/account/password",
    {
      config: viewer,
      schema: {
        tags,
        summary: "Change my password",
        description: "Ends all my other sessions.",
        body: passwordChange,
        response: { 204: Type.Null() },
      },
    },
    async (request, reply) => {
      if (request.session === undefined) throw tokenHasNone();
      const { old_password, new_password } = request.body;
      await auth.changePassword(request.principal.name, old_password, new_password, request.session.id);
      return reply.code(204).send(null);
    },
  );
}

function toTokenItem(token: Awaited<ReturnType<AuthProvider["listTokens"]>>[number]) {
  return {
    id: token.id,
    name: token.name,
    role: token.role,
    created_at: new Date(token.createdAt).toISOString(),
    expires_at: toTime(token.expiresAt),
    last_used_at: toTime(token.lastUsedAt),
  };
}

function toTime(timeMs: number | null): string | null {
  return timeMs === null ? null : new Date(timeMs).toISOString();
}

function unknownToken(id: string): AppError {
  return new AppError("not_found", { message: `there is no token with the id "${id}"`, mend: "list the tokens" });
}

function tokenHasNone(): AppError {
  return new AppError("bad_request", { message: "a token has no password", mend: "log in with name and password" });
}
