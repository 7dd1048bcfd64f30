import { v7 } from "uuid";
import type { Cache } from "#pkg/cache/port.ts";
import type { Clock } from "#pkg/clock/port.ts";
import type { Logger } from "#pkg/logger/port.ts";
import type { SqlClient, Tx } from "#pkg/sql/port.ts";
import { isOurs } from "./cached.ts";
import type { AuthProvider, Principal, Role } from "./port.ts";
import { createSecret, hashSecret } from "./random.ts";
import type { AuthTables } from "./tables.ts";

/** Makes a token that got into the wrong place easy to find. */
const prefix = "dvz_";
/** A token revoked by another process goes on for so long. */
const cacheMs = 5000;
const touchEveryMs = 60_000;

export interface Tokens extends Pick<AuthProvider, "token" | "listTokens"> {
  /** The token itself is in the answer only. */
  create(
    tx: Tx,
    options: { name: string; role: Role; expiresAt: number | null },
  ): Promise<{ id: string; token: string }>;
  /** The name of the token that was revoked. */
  revoke(tx: Tx, id: string): Promise<string | undefined>;
  /** Tokens have changed: they are looked up again. */
  lookAgain(): Promise<void>;
}

interface Cached {
  principal: Principal;
  expiresAt: number | null;
}

export interface TokensDeps {
  sql: SqlClient;
  clock: Clock;
  log: Logger;
  cache: Pick<Cache, "space">;
}

export function createTokens({ sql, clock, log, cache }: TokensDeps): Tokens {
  const db = () => sql.db<AuthTables>();
  const cached = cache.space("tokens", isOurs<Cached>);

  const touch = async (hash: string, nowMs: number) => {
    try {
      await db().updateTable("auth_token").set({ last_used_at: nowMs }).where("token_hash", "=", hash).execute();
    } catch (error) {
      // Reading goes on when the disk is full; only the list of tokens shows an older time.
      log.warn({ error }, "the use of a token could not be noted");
    }
  };

  const read = async (hash: string, nowMs: number): Promise<Cached | undefined> => {
    const row = await db().selectFrom("auth_token").selectAll().where("token_hash", "=", hash).executeTakeFirst();
    if (!row) return undefined;
    if (nowMs - (row.last_used_at ?? 0) >= touchEveryMs) await touch(hash, nowMs);
    const principal: Principal = { name: `token:${row.name}`, role: row.role, kind: "token", csrf: null };
    return { principal, expiresAt: row.expires_at };
  };

  return {
    async create(tx, { name, role, expiresAt }) {
      const token = `${prefix}${createSecret()}`;
      const id = v7();
      const times = { created_at: clock.now(), expires_at: expiresAt, last_used_at: null };
      await tx
        .db<AuthTables>()
        .insertInto("auth_token")
        .values({ id, name, role, token_hash: hashSecret(token), ...times })
        .execute();
      return { id, token };
    },
    async token(value) {
      const hash = hashSecret(value);
      const nowMs = clock.now();
      const entry = await cached.getOrSet(hash, cacheMs, () => read(hash, nowMs));
      if (!entry || (entry.expiresAt !== null && entry.expiresAt <= nowMs)) return undefined;
      return entry.principal;
    },
    async listTokens() {
      const rows = await db().selectFrom("auth_token").selectAll().orderBy("id").execute();
      return rows.map(({ id, name, role, created_at, expires_at, last_used_at }) => {
        return { id, name, role, createdAt: created_at, expiresAt: expires_at, lastUsedAt: last_used_at };
      });
    },
    async revoke(tx, id) {
      const tokens = tx.db<AuthTables>();
      const gone = await tokens.selectFrom("auth_token").select("name").where("id", "=", id).executeTakeFirst();
      await tokens.deleteFrom("auth_token").where("id", "=", id).execute();
      return gone?.name;
    },
    lookAgain: () => cached.clear(),
  };
}
