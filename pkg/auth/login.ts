import type { Clock } from "#pkg/clock/port.ts";
import { AppError } from "#pkg/errors/errors.ts";
import type { SqlClient } from "#pkg/sql/port.ts";
import type { Note } from "./note.ts";
import type { Passwords } from "./password.ts";
import { checkNewPassword } from "./password-rules.ts";
import type { AuthProvider } from "./port.ts";
import type { Sessions } from "./sessions.ts";
import { createThrottle, networkOf } from "./throttle.ts";
import { type StoredUser, toUserName, type Users } from "./users.ts";

export interface LoginDeps {
  sql: Pick<SqlClient, "transaction">;
  users: Users;
  sessions: Sessions;
  passwords: Passwords;
  clock: Clock;
  note: Note;
}

/** A name waits a minute at most, so that nobody can lock somebody else out for long; an address up to 15. */
const nameLimits = { free: 5, maxWaitMs: 60_000 };
const addressLimits = { free: 20, maxWaitMs: 900_000 };
/** Longer ones are none of ours; what is cut off costs no time. */
const maxPasswordLength = 1024;

/** What asks for a password: each question is counted before it is answered. */
export function createLogin(deps: LoginDeps): Pick<AuthProvider, "login" | "changePassword"> {
  const { sql, users, sessions, passwords, clock, note } = deps;
  const byName = createThrottle(nameLimits, clock);
  const byAddress = createThrottle(addressLimits, clock);

  const check = async (name: string, password: string): Promise<StoredUser | undefined> => {
    byName.attempt(name);
    const user = await users.find(name);
    const isRight = await passwords.verify(password.slice(0, maxPasswordLength), user?.passwordHash);
    if (!isRight) return undefined;
    byName.forget(name);
    return user;
  };

  return {
    async login(givenName, password, remoteAddress) {
      const name = toUserName(givenName);
      const network = networkOf(remoteAddress);
      byAddress.attempt(network);
      const user = await check(name, password);
      if (!user) {
        await note({ by: name, action: "login.refused", target: name, after: { address: remoteAddress } });
        return undefined;
      }
      byAddress.takeBack(network);
      return sql.transaction(async (tx) => {
        await note({ by: name, action: "login", target: name, after: { address: remoteAddress } }, tx);
        return sessions.start(tx, user);
      });
    },
    async changePassword(givenName, oldPassword, newPassword, keepSession) {
      const name = toUserName(givenName);
      if (!(await check(name, oldPassword))) throw refusal("old_password", "is wrong");
      if (oldPassword === newPassword) throw refusal("new_password", "is the old one");
      checkNewPassword(name, newPassword);
      const passwordHash = await passwords.hash(newPassword);
      await sql.transaction(async (tx) => {
        await users.setPassword(tx, name, passwordHash);
        await sessions.endOthers(tx, name, keepSession);
        await note({ by: name, action: "password.change", target: name }, tx);
      });
      await sessions.lookAgain();
    },
  };
}

function refusal(field: string, detail: string): AppError {
  return new AppError("bad_request", {
    message: `the ${field.replace("_", " ")} ${detail}`,
    fields: [{ pointer: `/${field}`, detail }],
  });
}
