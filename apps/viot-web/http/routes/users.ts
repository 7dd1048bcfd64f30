import { Type } from "typebox";
import { type AuthProvider, userRoles } from "#pkg/auth/port.ts";
import { AppError } from "#pkg/errors/errors.ts";
import type { Server } from "../server.ts";

const role = Type.Enum([...userRoles], {
  description: "viewer reads; operator also acknowledges and silences; engineer also changes; admin also gives access.",
});
const newUser = Type.Object(
  { name: Type.String({ minLength: 1, maxLength: 100, pattern: "^[A-Za-z0-9._@-]+$" }), role },
  { additionalProperties: false, examples: [{ name: "night-shift", role: "operator" }] },
);
const madeUser = Type.Object(
  {
    name: Type.String(),
    password: Type.String({ description: "Shown this once; to be changed at the first log-in." }),
  },
  { description: "The new user.", examples: [{ name: "night-shift", password: "abcde-fghjk-mnpqr-stuvw" }] },
);
const userList = Type.Object(
  {
    items: Type.Array(
      Type.Object({
        name: Type.String(),
        role,
        must_change_password: Type.Boolean(),
        created_at: Type.String({ description: "RFC 3339, UTC." }),
      }),
    ),
    next: Type.Null(),
  },
  { description: "All users.", examples: [{ items: [], next: null }] },
);

/** The people who may log in. */
export function userRoutes(app: Server, { auth }: { auth: AuthProvider }): void {
  const tags = ["access"];
  const config = { access: "admin" } as const;

  app.get(
    "/api/v1/users",
    { config, schema: { tags, summary: "List users", response: { 200: userList } } },
    async () => {
      const users = await auth.listUsers();
      const items = users.map(({ name, role, mustChangePassword, createdAt }) => {
        return { name, role, must_change_password: mustChangePassword, created_at: new Date(createdAt).toISOString() };
      });
      return { items, next: null };
    },
  );
  app.post(
    "/api/v1/users",
    { config, schema: { tags, summary: "Make a user", body: newUser, response: { 201: madeUser } } },
    async (request, reply) => {
      const { password } = await auth.createUser(request.body, request.principal.name);
      const made = { name: request.body.name.toLowerCase(), password };
      return reply.code(201).header("Cache-Control", "no-store").send(made);
    },
  );
  const params = Type.Object({
    name: Type.String({ description: "The user's name.", maxLength: 100, examples: ["night-shift"] }),
  });
  app.delete(
    "/api/v1/users/:name",
    { config, schema: { tags, summary: "Remove a user and end his sessions", params, response: { 204: Type.Null() } } },
    async (request, reply) => {
      const { name } = request.params;
      if (!(await auth.removeUser(name, request.principal.name))) {
        throw new AppError("not_found", { message: `there is no user "${name}"`, mend: "list the users" });
      }
      return reply.code(204).send(null);
    },
  );
}
