import type { FastifyError } from "fastify";
import { AppError } from "#pkg/errors/errors.ts";
import type { Server } from "../server.ts";

/** Prometheus' names of what can go wrong. */
const errorTypes: Record<number, string> = { 400: "bad_data", 422: "execution", 503: "timeout" };

/** Clients of Prometheus read its own error shape; what is not about the query (log-in, our faults) goes on to ours. */
export function answerErrors(scope: Server): void {
  scope.setErrorHandler<FastifyError | AppError>((error, _request, reply) => {
    const status = toStatus(error);
    if (status === undefined) throw error;
    return reply.status(status).send({ status: "error", errorType: errorTypes[status], error: error.message });
  });
}

function toStatus(error: FastifyError | AppError): number | undefined {
  if (error instanceof AppError)
    return { bad_request: 400, unprocessable: 422, unavailable: 503 }[error.code as string];
  return error.validation ? 400 : undefined;
}

/** Reads `application/x-www-form-urlencoded`; a key that comes more than once (`match[]`) becomes a list. */
export function acceptForms(scope: Server): void {
  const type = "application/x-www-form-urlencoded";
  if (scope.hasContentTypeParser(type)) return;
  scope.addContentTypeParser(type, { parseAs: "string" }, (_request, body, done) => {
    const parameters = new URLSearchParams(String(body));
    const entries = [...new Set(parameters.keys())].map((name) => {
      const values = parameters.getAll(name);
      return [name, values.length > 1 ? values : values[0]] as const;
    });
    done(null, Object.fromEntries(entries));
  });
}
