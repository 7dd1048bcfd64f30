import { createHash } from "node:crypto";
import type { Clock } from "#pkg/clock/port.ts";
import { AppError } from "#pkg/errors/errors.ts";
import type { Server } from "./server.ts";

interface Kept {
  bodyHash: string;
  /** Undefined while the first request is under way. */
  answer: { status: number; type: string; payload: string } | undefined;
  untilMs: number;
}

const keptForMs = 24 * 3600 * 1000;
const mostKept = 10_000;
const mostBytes = 32 * 1024 * 1024;

/**
 * `Idempotency-Key` on writes: the same key by the same caller on the same route gets the first answer again and
 * does nothing twice. Another body under the same key is refused (422). Kept for a day, at most 10,000 and 32 MB, in
 * memory: a restart forgets them.
 */
export function registerIdempotency(app: Server, { clock }: { clock: Clock }): void {
  const kept = new Map<string, Kept>();
  let bytes = 0;
  const drop = (id: string) => {
    bytes -= kept.get(id)?.answer?.payload.length ?? 0;
    kept.delete(id);
  };
  /** The oldest answers go first; what is under way stays. */
  const makeRoom = (neededBytes: number) => {
    for (const [id, { answer }] of kept) {
      if (kept.size < mostKept && bytes + neededBytes <= mostBytes) return;
      if (answer) drop(id);
    }
  };
  app.addHook("preHandler", async (request, reply) => {
    const key = request.headers["idempotency-key"];
    if (typeof key !== "string" || request.method === "GET" || !request.principal) return;
    const id = `${request.principal.name} ${request.method} ${request.url} ${key}`;
    const bodyHash = createHash("sha256")
      .update(JSON.stringify(request.body ?? null))
      .digest("hex");
    const known = kept.get(id);
    if (!known || known.untilMs < clock.now()) {
      drop(id);
      makeRoom(0);
      kept.set(id, { bodyHash, answer: undefined, untilMs: clock.now() + keptForMs });
      request.idempotencyId = id;
      return;
    }
    if (known.bodyHash !== bodyHash) {
      throw new AppError("unprocessable", {
        message: "this Idempotency-Key was used with another body",
        mend: "use a new key",
      });
    }
    if (!known.answer)
      throw new AppError("conflict", { message: "the first request with this Idempotency-Key is still under way" });
    return reply
      .status(known.answer.status)
      .type(known.answer.type)
      .header("Idempotency-Replayed", "true")
      .send(known.answer.payload);
  });
  app.addHook("onSend", async (request, reply, payload) => {
    const id = request.idempotencyId;
    const entry = id === undefined ? undefined : kept.get(id);
    if (!entry || id === undefined) return;
    // These may pass: the caller is meant to try again with the same key.
    if (reply.statusCode >= 500 || reply.statusCode === 429) return drop(id);
    const text = String(payload ?? "");
    makeRoom(text.length);
    bytes += text.length;
    const type = String(reply.getHeader("content-type") ?? "application/json");
    entry.answer = { status: reply.statusCode, type, payload: text };
  });
}

declare module "fastify" {
  interface FastifyRequest {
    /** Set on the first request under an Idempotency-Key. */
    idempotencyId?: string;
  }
}
