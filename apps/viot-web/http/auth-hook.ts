import { timingSafeEqual } from "node:crypto";
import type { FastifyRequest } from "fastify";
import type { AuthProvider, Principal, Role, Session, UserRole } from "#pkg/auth/port.ts";
import { userRoles } from "#pkg/auth/port.ts";
import { AppError } from "#pkg/errors/errors.ts";
import type { Server } from "./server.ts";
import { sessionCookie } from "./session-cookie.ts";

declare module "fastify" {
  interface FastifyContextConfig {
    /** A page for people: without log-in the answer is the log-in page, not a 401. */
    page?: boolean;
  }
  interface FastifyRequest {
    /** The browser's session; undefined for tokens and on public routes without one. */
    session: Session | undefined;
  }
}

export interface AuthHookDeps {
  auth: Pick<AuthProvider, "session" | "token">;
  /** Whether a request came through the owner's socket: the commands of this machine. */
  isLocal(request: FastifyRequest): boolean;
  /** `[ingest] auth = "none"`: whether this request may write samples without a token. */
  ingestOpenFor(request: FastifyRequest): boolean;
}

/**
 * Who calls, and may he? Denies by default: a route without `config.access` is refused when it is registered.
 * A credential is a session cookie, or `Authorization: Bearer | Token | Basic` (the token as password).
 * Throws `AppError("unauthenticated" | "forbidden")`. Writes by cookie need `X-CSRF-Token`.
 * Call before any route is registered.
 */
export function registerAuth(app: Server, { auth, isLocal, ingestOpenFor }: AuthHookDeps): void {
  app.decorateRequest("session");
  app.decorateRequest("principal");
  app.addHook("onRoute", (route) => {
    if (route.config?.access !== undefined) return;
    throw new AppError("internal", {
      at: `${String(route.method)} ${route.url}`,
      message: "route does not say who may call it",
      mend: "give it config.access",
    });
  });
  app.addHook("onRequest", async (request) => {
    const access = request.routeOptions.config.access;
    if (request.is404) return;
    if (isLocal(request)) {
      request.principal = { name: "command line", role: "admin", kind: "token", csrf: null };
      return;
    }
    refuseOtherSites(request);
    if (access === "ingest" && ingestOpenFor(request)) {
      request.principal = { name: "anonymous", role: "ingest", kind: "token", csrf: null };
      return;
    }
    const principal = await identify(request, auth);
    if (principal !== undefined) request.principal = principal;
    if (access === "public") return;
    if (principal === undefined) throw unauthenticated();
    if (access === undefined || !mayAccess(principal.role, access)) throw forbidden(principal, access);
    refuseWithoutCsrf(request, principal);
  });
}

/** Whether a role reaches what `access` asks for. Samples may be written by machines, engineers and administrators. */
export function mayAccess(role: Role, access: "public" | Role): boolean {
  if (access === "public") return true;
  if (access === "ingest") return role === "ingest" || rank(role) >= rank("engineer");
  return rank(role) >= rank(access);
}

function rank(role: Role): number {
  return userRoles.indexOf(role as UserRole); // "ingest" is not a person's role: -1, below all
}

async function identify(request: FastifyRequest, auth: AuthHookDeps["auth"]): Promise<Principal | undefined> {
  const header = request.headers.authorization;
  if (header !== undefined) {
    const token = tokenIn(header);
    return token === undefined ? undefined : await auth.token(token);
  }
  const id = sessionCookie(request);
  if (id === undefined || id === "") return undefined;
  request.session = await auth.session(id);
  return request.session?.principal;
}

/** The token in an `Authorization` header, or undefined when it holds none. */
export function tokenIn(header: string): string | undefined {
  const [scheme, value] = header.trim().split(/\s+/, 2);
  if (scheme === undefined || value === undefined) return undefined;
  if (/^(bearer|token)$/i.test(scheme)) return value;
  if (!/^basic$/i.test(scheme)) return undefined;
  const pair = Buffer.from(value, "base64").toString("utf8");
  return pair.slice(pair.indexOf(":") + 1) || undefined;
}

/** Browsers say which site a request comes from; ours is the only one that may write, also on a node without log-in. */
function refuseOtherSites(request: FastifyRequest): void {
  const site = request.headers["sec-fetch-site"];
  if (isRead(request) || site === undefined || site === "same-origin" || site === "none") return;
  throw new AppError("forbidden", {
    message: "another web site sent this request",
    mend: "send it from Detectviz's own pages",
  });
}

function refuseWithoutCsrf(request: FastifyRequest, principal: Principal): void {
  if (isRead(request) || principal.kind !== "session") return;
  const sent = request.headers["x-csrf-token"];
  if (typeof sent === "string" && principal.csrf !== null && sameText(sent, principal.csrf)) return;
  throw new AppError("forbidden", { message: "X-CSRF-Token is missing or old", mend: "load the page again" });
}

function isRead(request: FastifyRequest): boolean {
  return request.method === "GET" || request.method === "HEAD" || request.method === "OPTIONS";
}

function sameText(a: string, b: string): boolean {
  const left = Buffer.from(a);
  const right = Buffer.from(b);
  return left.length === right.length && timingSafeEqual(left, right);
}

function unauthenticated(): AppError {
  return new AppError("unauthenticated", {
    message: "not logged in",
    mend: "log in, or send a token as Authorization: Bearer",
  });
}

function forbidden(principal: Principal, access: string | undefined): AppError {
  return new AppError("forbidden", {
    message: `the role "${principal.role}" may not do this`,
    mend: `ask an administrator; it needs the role "${access ?? "none"}"`,
  });
}
