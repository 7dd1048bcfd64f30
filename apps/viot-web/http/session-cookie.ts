import type { FastifyReply, FastifyRequest } from "fastify";
import { parse, serialize } from "hono/utils/cookie";
import type { Session } from "#pkg/auth/port.ts";

const name = "detectviz_session";

/** The session id that the browser sent, or undefined. */
export function sessionCookie(request: FastifyRequest): string | undefined {
  return cookies(request)[name];
}

/** All cookies of the request; malformed ones are left out. */
export function cookies(request: FastifyRequest): Readonly<Record<string, string | undefined>> {
  return parse(request.headers.cookie ?? "");
}

/** Hands the session to the browser: unreadable for scripts, never sent by other sites. */
export function setSessionCookie(request: FastifyRequest, reply: FastifyReply, session: Session): void {
  setCookie(request, reply, name, session.id, { httpOnly: true });
}

/** Takes the session from the browser; the server's side ends by `AuthProvider.logout`. */
export function clearSessionCookie(request: FastifyRequest, reply: FastifyReply): void {
  setCookie(request, reply, name, "", { httpOnly: true, maxAge: 0 });
}

/** Sets one cookie for the whole node; `maxAge` in seconds, absent: until the browser closes. */
export function setCookie(
  request: FastifyRequest,
  reply: FastifyReply,
  cookieName: string,
  value: string,
  options: { httpOnly: boolean; maxAge?: number },
): void {
  const secure = request.protocol === "https";
  reply.header("set-cookie", serialize(cookieName, value, { path: "/", sameSite: "Strict", secure, ...options }));
}
