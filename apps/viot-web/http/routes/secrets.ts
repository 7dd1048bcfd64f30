import { Type } from "typebox";
import { AppError } from "#pkg/errors/errors.ts";
import type { SecretManager, SecretMetadata } from "#pkg/secret/port.ts";
import type { LocalSocket } from "../local-socket.ts";
import { onlyThrough } from "../only-through.ts";
import type { Server } from "../server.ts";

export interface SecretRouteDeps {
  secrets: SecretManager;
  socket: Pick<LocalSocket, "isLocal">;
  renewKey(by: string): Promise<void>;
}

const time = (description: string) => Type.String({ description: `${description} RFC 3339, UTC.` });
const metadata = Type.Object(
  {
    name: Type.String(),
    version: Type.Integer({ description: "Counts from 1." }),
    created_at: time("When it was first set."),
    updated_at: time("When its newest version was set."),
    expires_at: Type.Union([time("When it should be replaced."), Type.Null()]),
  },
  { description: "What may be known of a secret.", examples: [exampleOf()] },
);
const body = Type.Object(
  {
    name: Type.String({ maxLength: 100, description: "Lower-case letters, digits, . _ -" }),
    value: Type.String({ description: "At most 32 KiB." }),
    expires_at: Type.Optional(Type.String({ format: "date-time", description: "When it should be replaced." })),
  },
  { additionalProperties: false, examples: [{ name: "mail-password", value: "…" }] },
);
const list = Type.Object(
  { items: Type.Array(metadata), next: Type.Null() },
  { description: "Never their values.", examples: [{ items: [exampleOf()], next: null }] },
);

/** For `detectviz secret`: values go in, and a rotated one out, through the node's socket only. */
export function secretRoutes(app: Server, { secrets, socket, renewKey }: SecretRouteDeps): void {
  const tags = ["secrets"];
  const config = { access: "admin" } as const;
  const ownerOnly = {
    config,
    onRequest: onlyThrough(socket, "secrets are set on the node's own machine", "npx detectviz secret set NAME"),
  };
  const params = Type.Object({
    name: Type.String({ maxLength: 100, description: "The secret's name.", examples: ["mail-password"] }),
  });

  app.get(
    "/api/v1/secrets",
    { config, schema: { tags, summary: "List secrets, without their values", response: { 200: list } } },
    async () => ({ items: (await secrets.list()).map(toJson), next: null }),
  );
  app.post(
    "/api/v1/secrets",
    {
      ...ownerOnly,
      schema: { tags, summary: "Set a secret (through the node's socket only)", body, response: { 201: metadata } },
    },
    async (request, reply) => {
      const { name, value, expires_at: expires } = request.body;
      const expiresAt = expires === undefined ? null : Date.parse(expires);
      return reply.status(201).send(toJson(await secrets.set(name, value, { expiresAt, by: request.principal.name })));
    },
  );
  app.delete(
    "/api/v1/secrets/:name",
    {
      ...ownerOnly,
      schema: {
        tags,
        summary: "Delete a secret (through the node's socket only)",
        params,
        response: { 204: Type.Null() },
      },
    },
    async (request, reply) => {
      if (!(await secrets.delete(request.params.name, request.principal.name)))
        throw unknownSecret(request.params.name);
      return reply.status(204).send(null);
    },
  );
  app.post(
    "/api/v1/secrets/:name/rotate",
    {
      ...ownerOnly,
      schema: {
        tags,
        summary: "Give a secret a random value, shown this once (through the node's socket only)",
        params,
        response: { 200: Type.Object({ version: Type.Integer(), value: Type.String() }) },
      },
    },
    async (request, reply) => {
      const made = await secrets.rotate(request.params.name, request.principal.name);
      return reply.header("Cache-Control", "no-store").send({ version: made.metadata.version, value: made.value });
    },
  );
  app.post(
    "/api/v1/secret-key/renew",
    {
      ...ownerOnly,
      schema: {
        tags,
        summary: "Renew the key and seal everything anew (through the node's socket only)",
        response: { 204: Type.Null() },
      },
    },
    async (request, reply) => {
      await renewKey(request.principal.name);
      return reply.status(204).send(null);
    },
  );
}

function unknownSecret(name: string): AppError {
  return new AppError("not_found", { message: `there is no secret "${name}"`, mend: "npx detectviz secret list" });
}

function toJson({ name, version, createdAt, updatedAt, expiresAt }: SecretMetadata) {
  return {
    name,
    version,
    created_at: new Date(createdAt).toISOString(),
    updated_at: new Date(updatedAt).toISOString(),
    expires_at: expiresAt === null ? null : new Date(expiresAt).toISOString(),
  };
}

function exampleOf() {
  return toJson({
    name: "mail-password",
    version: 2,
    createdAt: 1767225600000,
    updatedAt: 1767312000000,
    expiresAt: null,
  });
}
