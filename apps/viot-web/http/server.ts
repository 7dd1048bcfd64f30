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

/** Fastify with what all routes share: strict bodies, TypeBox, a bounded body. It listens nowhere itself: see `door.ts`. */
export function createServer(): Server {
  const options = {
    bodyLimit: 1024 * 1024,
    forceCloseConnections: true,
    schemaController: { compilersFactory: lazyCompilers },
    ajv: { customOptions: { removeAdditional: false, coerceTypes: false, allErrors: true } },
  } as const;
  return Fastify(options).withTypeProvider<TypeBoxTypeProvider>();
}
