import type { Readable } from "node:stream";
import type { FastifyRequest } from "fastify";
import { type Static, Type } from "typebox";
import type { Ingest, IngestAnswer } from "#internal/ingest/contract.ts";
import { AppError } from "#pkg/errors/errors.ts";
import { createBodies } from "../bodies.ts";
import type { Server } from "../server.ts";

const precisions = { n: "ns", ns: "ns", u: "us", us: "us", µ: "us", ms: "ms", s: "s" } as const;

const writeQuery = Type.Object({
  precision: Type.Optional(
    Type.Enum(["n", "ns", "u", "us", "µ", "ms", "s", ""], {
      description: "Unit of the times: ns (or n), us (u), ms, s.",
      default: "ns",
    }),
  ),
  db: Type.Optional(Type.String({ description: "Taken and ignored, as are rp, bucket, org and the rest." })),
});

const refusal = Type.Object(
  {
    code: Type.String(),
    message: Type.String({ description: "What Telegraf's influxdb_v2 output logs." }),
    error: Type.String({ description: "What Telegraf's influxdb output logs." }),
    accepted: Type.Integer({ description: "Lines stored." }),
    rejected: Type.Array(Type.Object({ line: Type.Integer(), detail: Type.String() }), {
      description: "Refused lines (numbers from 1) with the reason; at most 100.",
    }),
    rejected_count: Type.Integer(),
  },
  {
    description: "Lines were refused; the others are stored.",
    examples: [
      {
        code: "invalid",
        message: "1 of 2 lines refused; line 2: a field has no value",
        error: "partial write: 1 of 2 lines refused; line 2: a field has no value",
        accepted: 1,
        rejected: [{ line: 2, detail: "a field has no value" }],
        rejected_count: 1,
      },
    ],
  },
);

const schema = {
  tags: ["ingest"],
  summary: "Write samples",
  description:
    "Line protocol, plain or gzip. 204 when all lines are on disk; 400 when some were refused (the others are stored); " +
    "503 with Retry-After when the queue is full.",
  querystring: writeQuery,
  response: {
    204: Type.Null({ description: "All lines are on disk." }),
    400: {
      description: "Lines were refused, the others are stored; or the request itself makes no sense (problem details).",
      content: { "application/json": { schema: refusal }, "application/problem+json": { schema: Type.Any() } },
    },
  },
};

export interface IngestRouteDeps {
  ingest: Ingest;
  /** Largest body as sent, `ingest.max_body` as it is now. */
  maxBodyBytes(): number;
}

/** Where samples come in, under the names that InfluxDB's clients, Telegraf and we ourselves use. */
export function ingestRoutes(app: Server, { ingest, maxBodyBytes }: IngestRouteDeps): void {
  app.register(async (scope: Server) => {
    scope.removeAllContentTypeParsers();
    const bodies = createBodies(maxBodyBytes);
    scope.addContentTypeParser("*", (request: FastifyRequest, payload: Readable) =>
      bodies.read(payload, Number(request.headers["content-length"] ?? 0)),
    );
    for (const url of ["/write", "/api/v2/write", "/api/v1/ingest"]) {
      scope.post(url, { schema, config: { access: "ingest" } }, async (request, reply) => {
        const precision = precisionOf(request.query.precision);
        const gzip = isGzip(request.headers["content-encoding"]);
        const body = bytesOf(request.body);
        const answer = await ingest.write(body, { gzip, precision }).finally(() => bodies.giveBack(body));
        return answer.rejectedCount === 0 ? reply.code(204).send(null) : reply.code(400).send(toRefusal(answer));
      });
    }
    influxRoutes(scope);
  });
}

/** What InfluxDB's clients ask before they write. */
function influxRoutes(scope: Server): void {
  const hidden = { hide: true };
  scope.route({
    method: ["GET", "HEAD"],
    url: "/ping",
    schema: hidden,
    config: { access: "public" },
    handler: (_request, reply) => reply.code(204).header("X-Influxdb-Version", "detectviz").send(),
  });
  scope.get("/health", { schema: hidden, config: { access: "public" } }, () => ({
    name: "detectviz",
    message: "ready for writes",
    status: "pass",
  }));
  // Telegraf's influxdb output sends CREATE DATABASE before its first write.
  scope.post("/query", { schema: hidden, config: { access: "ingest" } }, () => ({ results: [{ statement_id: 0 }] }));
}

function precisionOf(name: Static<typeof writeQuery>["precision"]): "ns" | "us" | "ms" | "s" {
  return Object.entries(precisions).find(([known]) => known === name)?.[1] ?? "ns";
}

function isGzip(encoding: string | undefined): boolean {
  const name = encoding?.toLowerCase() ?? "";
  if (name === "" || name === "identity") return false;
  if (name === "gzip" || name === "x-gzip") return true;
  throw new AppError("bad_request", {
    at: "Content-Encoding",
    message: `"${encoding}" is not understood`,
    mend: 'send gzip, or plain; in Telegraf content_encoding = "gzip" or "identity"',
  });
}

/** The body as the parser above left it; nothing was sent when it is no buffer. */
function bytesOf(body: unknown): Uint8Array {
  return body instanceof Uint8Array ? body : new Uint8Array();
}

function toRefusal({ accepted, rejected, rejectedCount }: IngestAnswer): Static<typeof refusal> {
  const first = rejected[0];
  const example = first ? `; line ${first.line}: ${first.detail}` : "";
  const message = `${rejectedCount} of ${accepted + rejectedCount} lines refused${example}`;
  return {
    code: "invalid",
    message,
    error: `partial write: ${message}`,
    accepted,
    rejected: [...rejected],
    rejected_count: rejectedCount,
  };
}
