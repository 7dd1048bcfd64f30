import type { FastifyReply, FastifyRequest } from "fastify";
import { Type } from "typebox";
import type { AuthProvider } from "#pkg/auth/port.ts";
import { AppError, errorCodes } from "#pkg/errors/errors.ts";
import { type LoginData, loginPage } from "#web/layouts/login-page.ts";
import type { Server } from "../server.ts";
import { clearSessionCookie, sessionCookie, setSessionCookie } from "../session-cookie.ts";
import { safeNext } from "./safe-next.ts";
import { toUi, type ViewContextDeps } from "./view-context.ts";

export interface AccountDeps {
  auth: AuthProvider;
  context: ViewContextDeps;
  siteName(): string;
}

/** Log in, log out, change of password. */
export function accountRoutes(app: Server, { auth, context, siteName }: AccountDeps): void {
  const answer = (request: FastifyRequest, reply: FastifyReply, status: number, data: Omit<LoginData, "siteName">) =>
    reply
      .status(status)
      .type("text/html; charset=utf-8")
      .header("cache-control", "no-store")
      .send(String(loginPage(toUi(request, null, context), { siteName: siteName(), ...data })));

  app.get<{ Querystring: { next?: string } }>(
    "/login",
    { config: { access: "public", page: true } },
    (request, reply) => {
      if (request.session !== undefined) return reply.redirect(safeNext(request.query.next));
      return answer(request, reply, 200, { name: "", next: safeNext(request.query.next), refusal: null });
    },
  );

  app.post<{ Body: { name?: string; password?: string; next?: string } | undefined }>(
    "/login",
    { config: { access: "public", page: true } },
    async (request, reply) => {
      const { name = "", password = "", next } = request.body ?? {};
      const outcome = await tryLogin(auth, String(name), String(password), request.ip);
      if ("session" in outcome) {
        setSessionCookie(request, reply, outcome.session);
        return reply.redirect(safeNext(next), 303);
      }
      if (outcome.retryAfterS !== null) reply.header("retry-after", outcome.retryAfterS);
      return answer(request, reply, outcome.status, { name: String(name), next: safeNext(next), refusal: outcome });
    },
  );

  app.post("/logout", { config: { access: "viewer" }, schema: { hide: true } }, async (request, reply) => {
    const id = sessionCookie(request);
    if (id !== undefined) await auth.logout(id);
    clearSessionCookie(request, reply);
    return reply.status(204).send();
  });

  const body = Type.Object({
    old_password: Type.String({ maxLength: 1000 }),
    new_password: Type.String({ maxLength: 1000 }),
  });
  app.post("/password", { config: { access: "viewer" }, schema: { hide: true, body } }, async (request, reply) => {
    if (request.principal.kind !== "session") throw new AppError("bad_request", { message: "a token has no password" });
    await auth.changePassword(request.principal.name, request.body.old_password, request.body.new_password);
    return reply.status(204).send();
  });
}

async function tryLogin(auth: AuthProvider, name: string, password: string, address: string) {
  try {
    const session = await auth.login(name, password, address);
    if (session !== undefined) return { session };
    return { kind: "wrong" as const, status: 401, retryAfterS: null };
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== "too_many") throw error;
    return { kind: "throttled" as const, status: errorCodes.too_many.status, retryAfterS: error.retryAfterS ?? 60 };
  }
}
