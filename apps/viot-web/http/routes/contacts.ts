import { Type } from "typebox";
import { concealSecrets, type TargetOf } from "#internal/contacts/channels.ts";
import { contactSchema, routeSchema } from "#internal/contacts/config.ts";
import type { Contacts } from "#internal/contacts/contract.ts";
import { toContactJson, toContactSpec, toRouteJson, toRouteSpec } from "#internal/contacts/entries.ts";
import type { Notifier } from "#internal/notifier/contract.ts";
import { AppError } from "#pkg/errors/errors.ts";
import type { Server } from "../server.ts";

export interface ContactRoutesDeps {
  contacts: Contacts;
  notifier: Pick<Notifier, "test">;
  /** Schema of a notifier's channel settings; secrets in it are not shown. */
  targetOf: TargetOf;
}

const id = Type.String({ description: "id of the record", examples: ["01930000-0000-7000-8000-000000000001"] });
const source = Type.Union([Type.String(), Type.Null()], { description: "file:line, for what comes from a file" });
const next = Type.Null({ description: "the list is always whole" });

const contact = Type.Object(
  { id, ...contactSchema.properties, source, created_at: Type.String(), updated_at: Type.String() },
  { additionalProperties: true },
);
const route = Type.Object({ id, ...routeSchema.properties, source });

const contactExample = {
  name: "Operations",
  email: "operator@example.org",
  channels: [{ type: "webhook", url: "https://hooks.example.org/detectviz" }, { type: "email" }],
  groups: [],
  active: true,
};
const contactBody = Type.Object(contactSchema.properties, { additionalProperties: false, examples: [contactExample] });
const routeBody = Type.Object(routeSchema.properties, {
  additionalProperties: false,
  examples: [{ matchers: ['severity="critical"'], contacts: ["Operations"], groups: [] }],
});
const byId = Type.Object({ id });

/** Who is told, and of what: `/contacts`, `/contacts/{id}/test`, `/routes`. */
export function contactRoutes(app: Server, deps: ContactRoutesDeps): void {
  readRoutes(app, deps);
  changeRoutes(app, deps);
  routeRoutes(app, deps);
  testRoute(app, deps);
}

function readRoutes(app: Server, { contacts, targetOf }: ContactRoutesDeps): void {
  app.get(
    "/api/v1/contacts",
    {
      config: { access: "viewer" },
      schema: {
        summary: "All contacts",
        tags: ["contacts"],
        response: { 200: Type.Object({ items: Type.Array(contact), next }) },
      },
    },
    async () => ({
      items: (await contacts.list()).map((one) => toContactJson(concealSecrets(one, targetOf))),
      next: null,
    }),
  );
  app.get(
    "/api/v1/contacts/:id",
    {
      config: { access: "viewer" },
      schema: { summary: "One contact", tags: ["contacts"], params: byId, response: { 200: contact } },
    },
    async ({ params }) => {
      const found = await contacts.get(params.id);
      if (found) return toContactJson(concealSecrets(found, targetOf));
      throw new AppError("not_found", {
        message: `there is no contact ${params.id}`,
        mend: "GET /api/v1/contacts lists them",
      });
    },
  );
}

function changeRoutes(app: Server, { contacts, targetOf }: ContactRoutesDeps): void {
  app.post(
    "/api/v1/contacts",
    {
      config: { access: "engineer" },
      schema: { summary: "Make a contact", tags: ["contacts"], body: contactBody, response: { 201: contact } },
    },
    async ({ body, principal }, reply) => {
      const made = await contacts.create(toContactSpec(body), principal.name);
      return reply.status(201).send(toContactJson(concealSecrets(made, targetOf)));
    },
  );
  app.put(
    "/api/v1/contacts/:id",
    {
      config: { access: "engineer" },
      schema: {
        summary: "Change a contact",
        description:
          'A secret that is sent back as "********" stays as it was. 409 for a contact that comes from a file.',
        tags: ["contacts"],
        params: byId,
        body: contactBody,
        response: { 200: contact },
      },
    },
    async ({ params, body, principal }) =>
      toContactJson(concealSecrets(await contacts.update(params.id, toContactSpec(body), principal.name), targetOf)),
  );
  app.delete(
    "/api/v1/contacts/:id",
    {
      config: { access: "engineer" },
      schema: { summary: "Remove a contact", tags: ["contacts"], params: byId, response: { 204: Type.Null() } },
    },
    async ({ params, principal }, reply) => {
      await contacts.remove(params.id, principal.name);
      return reply.status(204).send(null);
    },
  );
}

function routeRoutes(app: Server, { contacts }: ContactRoutesDeps): void {
  app.get(
    "/api/v1/routes",
    {
      config: { access: "viewer" },
      schema: {
        summary: "Which alerts go to whom",
        description: "An alert that fits no route goes to every active contact.",
        tags: ["contacts"],
        response: { 200: Type.Object({ items: Type.Array(route), next }) },
      },
    },
    async () => ({ items: (await contacts.listRoutes()).map(toRouteJson), next: null }),
  );
  app.post(
    "/api/v1/routes",
    {
      config: { access: "engineer" },
      schema: { summary: "Make a route", tags: ["contacts"], body: routeBody, response: { 201: route } },
    },
    async ({ body, principal }, reply) => {
      const made = await contacts.createRoute(toRouteSpec(body), principal.name);
      return reply.status(201).send(toRouteJson(made));
    },
  );
  app.delete(
    "/api/v1/routes/:id",
    {
      config: { access: "engineer" },
      schema: { summary: "Remove a route", tags: ["contacts"], params: byId, response: { 204: Type.Null() } },
    },
    async ({ params, principal }, reply) => {
      await contacts.removeRoute(params.id, principal.name);
      return reply.status(204).send(null);
    },
  );
}

function testRoute(app: Server, { notifier }: ContactRoutesDeps): void {
  const result = Type.Object({
    channel: Type.String({ examples: ["webhook"] }),
    delivered: Type.Boolean(),
    status: Type.Union([Type.String(), Type.Number()], { examples: [200] }),
    detail: Type.String({ description: "the other side's own words" }),
  });
  app.post(
    "/api/v1/contacts/:id/test",
    {
      config: { access: "engineer" },
      schema: {
        summary: "Send a test message to every channel of a contact",
        description: "One attempt each, at once; the answer of the other side is returned and recorded.",
        tags: ["contacts"],
        params: byId,
        response: { 200: Type.Object({ results: Type.Array(result) }) },
      },
    },
    async ({ params, principal }) => {
      const results = await notifier.test(params.id, principal.name);
      return {
        results: results.map(({ channel, result: { delivered, status, detail } }) => ({
          channel,
          delivered,
          status,
          detail,
        })),
      };
    },
  );
}
