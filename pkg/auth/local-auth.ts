import type { Audit } from "#pkg/audit/port.ts";
import type { Cache } from "#pkg/cache/port.ts";
import type { Clock } from "#pkg/clock/port.ts";
import type { Logger } from "#pkg/logger/port.ts";
import type { SqlClient } from "#pkg/sql/port.ts";
import type { AuthConfig } from "./config.ts";
import { createLogin } from "./login.ts";
import { createNote } from "./note.ts";
import { createPasswords } from "./password.ts";
import type { AuthProvider } from "./port.ts";
import { createReadablePassword } from "./random.ts";
import { createSessions } from "./sessions.ts";
import { createTokens } from "./tokens.ts";
import { createUsers, toUserName } from "./users.ts";

export interface LocalAuthDeps {
  sql: SqlClient;
  clock: Clock;
  log: Logger;
  audit: Pick<Audit, "record">;
  /** As it is in use now. */
  config(): AuthConfig;
  /** In this process, never shared: what is in it grants rights. */
  cache: Pick<Cache, "space">;
}

const firstAdmin = "admin";
/** Who made or revoked a token when nobody is named. */
const commandLine = "command line";

/** Users of this site in its own database. Each change and its audit entry stand in one transaction. */
export function createLocalAuth(deps: LocalAuthDeps): AuthProvider {
  const { sql } = deps;
  const users = createUsers(deps);
  const sessions = createSessions(deps);
  const tokens = createTokens(deps);
  const passwords = createPasswords();
  const note = createNote(deps.audit);

  return {
    ...createLogin({ sql, users, sessions, passwords, clock: deps.clock, note }),
    session: sessions.find,
    async logout(id) {
      await sql.transaction(async (tx) => {
        const name = await sessions.end(tx, id);
        if (name !== undefined) await note({ by: name, action: "logout", target: name }, tx);
      });
      await sessions.lookAgain(id);
    },
    token: tokens.token,
    listTokens: tokens.listTokens,
    createToken: ({ by = commandLine, ...options }) =>
      sql.transaction(async (tx) => {
        const made = await tokens.create(tx, options);
        const { name, role, expiresAt } = options;
        await note({ by, action: "token.create", target: name, after: { id: made.id, role, expiresAt } }, tx);
        return made;
      }),
    async revokeToken(id, by = commandLine) {
      const name = await sql.transaction(async (tx) => {
        const gone = await tokens.revoke(tx, id);
        if (gone !== undefined) await note({ by, action: "token.revoke", target: gone, after: { id } }, tx);
        return gone;
      });
      await tokens.lookAgain();
      return name !== undefined;
    },
    listUsers: users.list,
    async createUser({ name: givenName, role }, by) {
      const name = toUserName(givenName);
      const password = createReadablePassword();
      const passwordHash = await passwords.hash(password);
      await sql.transaction(async (tx) => {
        await users.add(tx, { name, role, passwordHash, mustChangePassword: true });
        await note({ by, action: "user.create", target: name, after: { role } }, tx);
      });
      return { password };
    },
    async removeUser(name, by) {
      const removed = await sql.transaction(async (tx) => {
        const isGone = await users.remove(tx, name);
        if (isGone) await note({ by, action: "user.remove", target: toUserName(name) }, tx);
        return isGone;
      });
      await sessions.lookAgain();
      return removed;
    },
    async ensureFirstAdmin(givenPassword) {
      if ((await users.list()).length > 0) return { created: false, password: undefined };
      const password = givenPassword ?? createReadablePassword();
      const mustChangePassword = givenPassword === undefined;
      const passwordHash = await passwords.hash(password);
      const created = await sql.transaction(async (tx) => {
        const isFirst = await users.addFirst(tx, { name: firstAdmin, passwordHash, mustChangePassword });
        if (isFirst)
          await note({ by: "start", action: "user.create", target: firstAdmin, after: { role: "admin" } }, tx);
        return isFirst;
      });
      return { created, password: created && mustChangePassword ? password : undefined };
    },
  };
}
