import type { FastifyError, FastifyReply, FastifyRequest } from "fastify";
import { AppError, appErrorIn, errorCodes, type FieldError } from "#pkg/errors/errors.ts";
import { withoutSecrets } from "#pkg/errors/logged.ts";
import { detailsOf } from "#pkg/errors/wrap.ts";
import type { Logger } from "#pkg/logger/port.ts";
import type { Server } from "./server.ts";

/** Every error leaves as RFC 9457 problem details with our `code`; what is unforeseen is logged with its stack and told as "internal". */
export function registerProblems(app: Server, { log }: { log: Logger }): void {
  app.setErrorHandler((error: FastifyError | AppError, request, reply) => {
    const problem = toAppError(error);
    if (problem.code === "internal")
      log.error({ err: error, url: request.url, method: request.method }, "request failed");
    return sendProblem(reply, problem);
  });
  app.setNotFoundHandler((request: FastifyRequest, reply: FastifyReply) =>
    sendProblem(
      reply,
      new AppError("not_found", { message: `there is no ${request.method} ${request.url.split("?")[0]}` }),
    ),
  );
}

/** Answers with one problem; `errors` lists the wrong places of a body, `details` are facts for programs. */
export function sendProblem(reply: FastifyReply, problem: AppError): FastifyReply {
  const { status } = errorCodes[problem.code];
  const details = detailsOf(problem);
  if (problem.retryAfterS !== undefined) reply.header("Retry-After", problem.retryAfterS);
  return reply
    .status(status)
    .type("application/problem+json")
    .send({
      type: "about:blank",
      title: problem.code.replaceAll("_", " "),
      status,
      code: problem.code,
      detail: problem.message,
      ...(problem.mend === undefined ? {} : { mend: problem.mend }),
      ...(problem.at === undefined ? {} : { at: problem.at }),
      errors: problem.fields,
      ...(Object.keys(details).length === 0 ? {} : { details: withoutSecrets(details) }),
    });
}

function toAppError(error: FastifyError | AppError): AppError {
  if (error instanceof AppError) return error;
  const known = appErrorIn(error.cause);
  if (known) return known;
  if (error.validation) {
    const fields: FieldError[] = error.validation.map((fault) => ({
      pointer: `${fault.instancePath}${missingOrExtra(fault.params)}`,
      detail: fault.message ?? "is not valid",
    }));
    const first = fields[0];
    return new AppError("bad_request", {
      message: `${error.validationContext ?? "request"}${first ? `${first.pointer} ${first.detail}` : " is not valid"}`,
      fields,
    });
  }
  const status = error.statusCode ?? 500;
  if (status === 413) return new AppError("too_large", { message: "the body is larger than allowed" });
  if (status < 500) return new AppError("bad_request", { message: error.message });
  return new AppError("internal", { message: "something went wrong here; the log has the details", cause: error });
}

function missingOrExtra(params: Record<string, unknown>): string {
  const name = params["missingProperty"] ?? params["additionalProperty"];
  return typeof name === "string" ? `/${name}` : "";
}
