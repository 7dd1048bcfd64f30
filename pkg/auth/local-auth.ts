import type { Cache } from "#pkg/cache/port.ts";
import type { Clock } from "#pkg/clock/port.ts";
import type { AuditLog } from "#pkg/contracts/audit.ts";
import type { Logger } from "#pkg/logger/port.ts";
import type { SqlClient } from "#pkg/sql/port.ts";
import type { AuthConfig } from "./config.ts";
import { createLogin } from "./login.ts";
import type { Note } from "./note.ts";
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
  audit: Pick<AuditLog, "record">;
  /** As it is in use now. */
  config(): AuthConfig;
  /** In this process, never shared: what is in it grants rights. */
  cache: Pick<Cache, "space">;
}

const firstAdmin = "admin";
/** Who made or revoked a token when nobody is named. */
const commandLine = "command line";

/** Users of this site in its own database. */
export function createLocalAuth(deps: LocalAuthDeps): AuthProvider {
  const users = createUsers(deps);
  const sessions = createSessions(deps);
  const tokens = createTokens(deps);
  const passwords = createPasswords();
  const note: Note = (by, action, target, after = null) =>
    deps.audit.record({ by, action, target, before: null, after });

  return {
    ...createLogin({ users, sessions, passwords, clock: deps.clock, note }),
    session: sessions.find,
    async logout(id) {
      const name = await sessions.end(id);
      if (name !== undefined) await note(name, "logout", name);
    },
    token: tokens.token,
    listTokens: tokens.listTokens,
    async createToken(options) {
      const made = await tokens.createToken(options);
      const { name, role, expiresAt, by = commandLine } = options;
      await note(by, "token.create", name, { id: made.id, role, expiresAt });
      return made;
    },
    async revokeToken(id, by = commandLine) {
      const name = await tokens.revoke(id);
      if (name !== undefined) await note(by, "token.revoke", name, { id });
      return name !== undefined;
    },
    listUsers: users.list,
    async createUser({ name: givenName, role }, by) {
      const name = toUserName(givenName);
      const password = createReadablePassword();
      await users.add({ name, role, passwordHash: await passwords.hash(password), mustChangePassword: true });
      await note(by, "user.create", name, { role });
      return { password };
    },
    async removeUser(name, by) {
      const removed = await users.remove(name);
      await sessions.lookAgain();
      if (removed) await note(by, "user.remove", toUserName(name));
      return removed;
    },
    async ensureFirstAdmin(givenPassword) {
      if ((await users.list()).length > 0) return { created: false, password: undefined };
      const password = givenPassword ?? createReadablePassword();
      const mustChangePassword = givenPassword === undefined;
      const passwordHash = await passwords.hash(password);
      const created = await users.addFirst({ name: firstAdmin, passwordHash, mustChangePassword });
      if (created) await note("start", "user.create", firstAdmin, { role: "admin" });
      return { created, password: created && mustChangePassword ? password : undefined };
    },
  };
}
