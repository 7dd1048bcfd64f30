import type { TypeBoxTypeProvider } from "@fastify/type-provider-typebox";
import Fastify, {
  type FastifyBaseLogger,
  type FastifyInstance,
  type RawReplyDefaultExpression,
  type RawRequestDefaultExpression,
  type RawServerDefault,
} from "fastify";
import type { Principal, Role } from "#pkg/auth/port.ts";
import { lazyCompilers } from "./lazy-compilers.ts";

/** The server that route files get: schemas are TypeBox and type the handler. */
export type Server = FastifyInstance<
  RawServerDefault,
  RawRequestDefaultExpression,
  RawReplyDefaultExpression,
  FastifyBaseLogger,
  TypeBoxTypeProvider
>;

declare module "fastify" {
  interface FastifyContextConfig {
    /** Who may call; every route says so, one that does not is refused at start. A role includes those above it. */
    access?: "public" | Role;
  }
  interface FastifyRequest {
    /** Set for every route that is not public. */
    principal: Principal;
  }
}

/** Fastify with what all routes share: strict bodies, TypeBox, a bounded body; HTTPS where a certificate is given. */
export function createServer(tls?: { cert: Buffer; key: Buffer }): Server {
  const options = {
    bodyLimit: 1024 * 1024,
    forceCloseConnections: true,
    schemaController: { compilersFactory: lazyCompilers },
    ajv: { customOptions: { removeAdditional: false, coerceTypes: false, allErrors: true } },
  } as const;
  // Both servers take the same routes; their types differ only in the raw socket.
  const app = tls ? (Fastify({ ...options, https: tls }) as unknown as FastifyInstance) : Fastify(options);
  return app.withTypeProvider<TypeBoxTypeProvider>() as Server;
}
