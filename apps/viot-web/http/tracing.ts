import type { FastifyRequest } from "fastify";
import type { Span, Telemetry } from "#pkg/telemetry/port.ts";
import type { Server } from "./server.ts";

declare module "fastify" {
  interface FastifyRequest {
    /** The request's place in a trace. */
    span: Span;
  }
}

/**
 * One span for each request, child of the caller's `traceparent`, and how long requests take by route and status. All
 * that a request causes happens within its span. Call before any other hook is registered.
 */
export function registerTracing(app: Server, telemetry: Pick<Telemetry, "startSpan" | "within" | "histogram">): void {
  const duration = telemetry.histogram({
    name: "detectviz_http_request_duration_seconds",
    help: "From a request's head to the end of its answer, without streams.",
    labels: ["method", "route", "status"],
  });
  // Nothing stands here before the first hook has run, and nobody looks.
  app.decorateRequest("span", null as unknown as Span);
  app.addHook("onRequest", (request, _reply, done) => {
    const parent = request.headers["traceparent"];
    request.span = telemetry.startSpan(`${request.method} ${routeOf(request)}`, {
      kind: "server",
      ...(typeof parent === "string" ? { parent } : {}),
      attributes: { "http.request.method": request.method, "http.route": routeOf(request) },
    });
    telemetry.within(request.span, done);
  });
  // Reading the body has left the span: its chunks come from the socket.
  app.addHook("preValidation", (request, _reply, done) => telemetry.within(request.span, done));
  app.addHook("onError", (request, _reply, error, done) => {
    if ((error.statusCode ?? 500) >= 500) request.span.fail(error);
    done();
  });
  app.addHook("onResponse", (request, reply, done) => {
    request.span.setAttributes({ "http.response.status_code": reply.statusCode });
    request.span.end();
    const labels = { method: request.method, route: routeOf(request), status: String(reply.statusCode) };
    if (!isStream(reply.getHeader("content-type"))) duration.observe(reply.elapsedTime / 1000, labels);
    done();
  });
}

/** The pattern, never the path: what a caller makes up is no label. */
function routeOf(request: FastifyRequest): string {
  return request.is404 ? "none" : (request.routeOptions.url ?? "none");
}

function isStream(contentType: unknown): boolean {
  return typeof contentType === "string" && contentType.startsWith("text/event-stream");
}
