import type { FastifyReply, FastifyRequest } from "fastify";
import type { AuthProvider } from "#pkg/auth/port.ts";
import { AppError, errorCodes } from "#pkg/errors/errors.ts";
import { type LoginData, loginPage } from "#web/layouts/login-page.ts";
import type { Server } from "../server.ts";
import { clearSessionCookie, sessionCookie, setSessionCookie } from "../session-cookie.ts";
import { safeNext } from "./safe-next.ts";
import { toUi, type ViewContextDeps } from "./view-context.ts";

export interface AccountDeps {
  auth: Pick<AuthProvider, "login" | "logout">;
  context: ViewContextDeps;
  siteName(): string;
}

/** Log in and log out. */
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
}

async function tryLogin(auth: AccountDeps["auth"], name: string, password: string, address: string) {
  try {
    const session = await auth.login(name, password, address);
    if (session !== undefined) return { session };
    return { kind: "wrong" as const, status: 401, retryAfterS: null };
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== "too_many") throw error;
    return { kind: "throttled" as const, status: errorCodes.too_many.status, retryAfterS: error.retryAfterS ?? 60 };
  }
}
