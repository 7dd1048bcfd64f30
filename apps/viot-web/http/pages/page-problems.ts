import type { FastifyError, FastifyRequest } from "fastify";
import { AppError, errorCodes } from "#pkg/errors/errors.ts";
import type { Logger } from "#pkg/logger/port.ts";
import { problemPage } from "#web/layouts/problem-page.ts";
import { sendProblem } from "../problems.ts";
import type { Server } from "../server.ts";
import { toUi, type ViewContextDeps } from "./view-context.ts";

/** Errors of pages are pages; without log-in the way leads to the log-in page. Scripts get problem details as from the API. */
export function pageProblems(app: Server, { context, log }: { context: ViewContextDeps; log: Logger }): void {
  app.setErrorHandler((error: FastifyError | AppError, request, reply) => {
    const problem = toAppError(error);
    if (problem.code === "internal") log.error({ err: error, url: request.url }, "page failed");
    if (request.routeOptions.config.page !== true) return sendProblem(reply, problem);
    if (problem.code === "unauthenticated") return toLogin(request, reply);
    const markup = problemPage(toUi(request, null, context), {
      code: problem.code,
      detail: problem.detail,
      mend: problem.mend ?? null,
    });
    return reply.status(errorCodes[problem.code].status).type("text/html; charset=utf-8").send(String(markup));
  });
}

function toLogin(request: FastifyRequest, reply: Parameters<Parameters<Server["setErrorHandler"]>[0]>[2]) {
  const target = `/login?next=${encodeURIComponent(request.url)}`;
  // htmx follows redirects by itself and would put the log-in page into a part of this one
  if (request.headers["hx-request"] === "true") return reply.status(401).header("hx-redirect", "/login").send();
  return reply.redirect(target);
}

function toAppError(error: FastifyError | AppError): AppError {
  if (error instanceof AppError) return error;
  const status = error.statusCode ?? 500;
  if (status < 500) return new AppError("bad_request", { message: error.message });
  return new AppError("internal", { message: "something went wrong here; the log has the details", cause: error });
}
