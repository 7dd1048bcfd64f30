import { createHash } from "node:crypto";
import type { Cache } from "#pkg/cache/port.ts";
import type { Clock } from "#pkg/clock/port.ts";
import { parseDuration } from "#pkg/config/duration.ts";
import type { Logger } from "#pkg/logger/port.ts";
import type { SqlClient, Tx } from "#pkg/sql/port.ts";
import { isOurs } from "./cached.ts";
import type { AuthConfig } from "./config.ts";
import type { Session, UserRole } from "./port.ts";
import { createSecret, hashSecret } from "./random.ts";
import type { AuthTables } from "./tables.ts";

/** Use is noted no more often than this: a page makes many requests. */
const touchEveryMs = 60_000;
/** A session ended by another node goes on for so long. */
const cacheMs = 5000;

export interface Sessions {
  start(tx: Tx, user: { name: string; role: UserRole; mustChangePassword: boolean }): Promise<Session>;
  find(id: string): Promise<Session | undefined>;
  /** The name of the user whose session it was. */
  end(tx: Tx, id: string): Promise<string | undefined>;
  endOthers(tx: Tx, name: string, keep: string | undefined): Promise<void>;
  /** Users or sessions have changed: all are looked up again, or only this one. */
  lookAgain(id?: string): Promise<void>;
}

export interface SessionsDeps {
  sql: SqlClient;
  clock: Clock;
  log: Logger;
  /** As it is in use now. */
  config(): AuthConfig;
  cache: Pick<Cache, "space">;
}

interface Row {
  created_at: number;
  last_seen_at: number;
  name: string;
  role: UserRole;
  must_change_password: 0 | 1;
}

export function createSessions({ sql, clock, log, config, cache }: SessionsDeps): Sessions {
  const db = () => sql.db<AuthTables>();
  const cached = cache.space("sessions", isOurs<Row>);
  const idleMs = () => parseDuration(config().session_idle);
  const maxMs = () => parseDuration(config().session_max);
  const endOf = (row: { created_at: number; last_seen_at: number }) =>
    Math.min(row.created_at + maxMs(), row.last_seen_at + idleMs());

  const touch = async (idHash: string, nowMs: number) => {
    try {
      await db().updateTable("auth_session").set({ last_seen_at: nowMs }).where("id_hash", "=", idHash).execute();
    } catch (error) {
      // Reading goes on when the disk is full; the session only ends earlier.
      log.warn({ error }, "the use of a session could not be noted");
    }
  };

  const read = async (idHash: string, nowMs: number): Promise<Row | undefined> => {
    const row = await db()
      .selectFrom("auth_session as session")
      .innerJoin("auth_user as user", "user.name", "session.user_name")
      .select(["session.created_at", "session.last_seen_at", "user.name", "user.role", "user.must_change_password"])
      .where("session.id_hash", "=", idHash)
      .executeTakeFirst();
    if (!row || endOf(row) <= nowMs) return undefined;
    if (nowMs - row.last_seen_at >= touchEveryMs) await touch(idHash, nowMs);
    return row;
  };

  return {
    async start(tx, { name, role, mustChangePassword }) {
      const id = createSecret();
      const nowMs = clock.now();
      const ended = { created: nowMs - maxMs(), seen: nowMs - idleMs() };
      await tx
        .db<AuthTables>()
        .deleteFrom("auth_session")
        .where((where) => where.or([where("created_at", "<=", ended.created), where("last_seen_at", "<=", ended.seen)]))
        .execute();
      const row = { id_hash: hashSecret(id), user_name: name, created_at: nowMs, last_seen_at: nowMs };
      await tx.db<AuthTables>().insertInto("auth_session").values(row).execute();
      return { id, principal: toPrincipal(id, name, role), expiresAt: endOf(row), mustChangePassword };
    },
    async find(id) {
      const idHash = hashSecret(id);
      const nowMs = clock.now();
      const row = await cached.getOrSet(idHash, cacheMs, () => read(idHash, nowMs));
      if (!row || endOf(row) <= nowMs) return undefined;
      return {
        id,
        principal: toPrincipal(id, row.name, row.role),
        expiresAt: endOf({ ...row, last_seen_at: nowMs }),
        mustChangePassword: row.must_change_password === 1,
      };
    },
    async end(tx, id) {
      const idHash = hashSecret(id);
      const sessions = tx.db<AuthTables>();
      const session = await sessions
        .selectFrom("auth_session")
        .select("user_name")
        .where("id_hash", "=", idHash)
        .executeTakeFirst();
      await sessions.deleteFrom("auth_session").where("id_hash", "=", idHash).execute();
      return session?.user_name;
    },
    async endOthers(tx, name, keep) {
      const all = tx.db<AuthTables>().deleteFrom("auth_session").where("user_name", "=", name);
      await (keep === undefined ? all : all.where("id_hash", "<>", hashSecret(keep))).execute();
    },
    lookAgain: (id) => (id === undefined ? cached.clear() : cached.delete(hashSecret(id))),
  };
}

/** The CSRF token follows from the session's id: it needs no place of its own, and tells nothing of the id. */
function toPrincipal(id: string, name: string, role: UserRole): Session["principal"] {
  const csrf = createHash("sha256").update(`csrf ${id}`).digest("base64url");
  return { name, role, kind: "session", csrf };
}
