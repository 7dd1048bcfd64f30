import { Value } from "typebox/value";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createMemoryCache } from "#pkg/cache/adapters/memory.ts";
import { createFakeClock } from "#pkg/clock/fake.ts";
import type { AuditEntry } from "#pkg/contracts/audit.ts";
import { AppError } from "#pkg/errors/errors.ts";
import { silentLogger } from "#pkg/logger/logger.ts";
import { openTestDatabase } from "#test/fixtures/database.ts";
import { authConfig } from "./config.ts";
import { createLocalAuth } from "./local-auth.ts";
import type { AuthTables } from "./tables.ts";

const hourMs = 3_600_000;
const password = "correct horse battery";
const refusalOf = async (promise: Promise<unknown>) => {
  const error: unknown = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  return error instanceof AppError
    ? { code: error.code, retryAfterS: error.retryAfterS, message: error.message }
    : error;
};

describe("local users", () => {
  let database: Awaited<ReturnType<typeof openTestDatabase>>;
  beforeAll(async () => {
    database = await openTestDatabase();
  });
  afterAll(() => database.dispose());

  let refuseEntries: Error | undefined;
  function start() {
    const clock = createFakeClock(1_700_000_000_000);
    const audited: string[] = [];
    const audit = {
      record: async (entry: Omit<AuditEntry, "at">) => {
        if (refuseEntries) throw refuseEntries;
        audited.push(`${entry.by} ${entry.action} ${entry.target}`);
      },
    };
    const config = Value.Parse(authConfig, Value.Default(authConfig, {}));
    const auth = createLocalAuth({
      ...{ sql: database.sql, clock, log: silentLogger, audit, config: () => config },
      cache: createMemoryCache({ clock, maxEntries: 1000, maxBytes: 1e6 }),
    });
    return { clock, audited, auth, config };
  }
  let clock: ReturnType<typeof start>["clock"];
  let audited: string[];
  let auth: ReturnType<typeof start>["auth"];
  let config: ReturnType<typeof start>["config"];

  beforeEach(async () => {
    const db = database.sql.db<AuthTables>();
    for (const table of ["auth_session", "auth_user", "auth_token"] as const) await db.deleteFrom(table).execute();
    ({ clock, audited, auth, config } = start());
    refuseEntries = undefined;
    await auth.ensureFirstAdmin(password);
  });

  const login = async (name = "admin", given = password, from = "10.0.0.1") => {
    const session = await auth.login(name, given, from);
    if (!session) throw new Error("not let in");
    return session;
  };

  it("ends sessions by the times of the configuration as it is now", async () => {
    const { id } = await login();
    clock.advance(60_000);
    config.session_idle = "1s";
    expect(await auth.session(id)).toBeUndefined();
    config.session_idle = "1h";
    const { id: next } = await login();
    config.session_max = "30s";
    clock.advance(60_000);
    expect(await auth.session(next)).toBeUndefined();
  });

  describe("the first administrator", () => {
    it("gets the password that was given, and need not change it", async () => {
      expect(await auth.ensureFirstAdmin("another")).toEqual({ created: false, password: undefined });
      expect((await login()).mustChangePassword).toBe(false);
    });

    it("gets one made here, told once, to be changed", async () => {
      await database.sql.db<AuthTables>().deleteFrom("auth_user").execute();
      const { created, password: made } = await auth.ensureFirstAdmin(undefined);
      expect(created).toBe(true);
      expect(made).toMatch(/^([a-z2-9]{5}-){3}[a-z2-9]{5}$/);
      expect((await login("admin", made)).mustChangePassword).toBe(true);
      expect(await auth.ensureFirstAdmin(undefined)).toEqual({ created: false, password: undefined });
    });

    it("is one, also when two starts ask at once", async () => {
      await database.sql.db<AuthTables>().deleteFrom("auth_user").execute();
      const both = await Promise.all([auth.ensureFirstAdmin(undefined), auth.ensureFirstAdmin(undefined)]);
      expect(both.map(({ created }) => created).sort()).toEqual([false, true]);
    });
  });

  describe("log-in", () => {
    it("lets in who knows the password, whatever the case of the name", async () => {
      const session = await login(" Admin ");
      expect(session.principal).toMatchObject({ name: "admin", role: "admin", kind: "session" });
      expect(session.principal.csrf).toMatch(/^[\w-]{43}$/);
      expect(await auth.session(session.id)).toEqual(session);
      expect(audited).toContain("admin login admin");
    });

    it("refuses a wrong password and an unknown name alike", async () => {
      expect(await auth.login("admin", "wrong", "10.0.0.1")).toBeUndefined();
      expect(await auth.login("nobody", password, "10.0.0.1")).toBeUndefined();
      expect(audited).toContain("nobody login.refused nobody");
    });

    it("stores neither password, session nor token as they are", async () => {
      const session = await login();
      const { token } = await auth.createToken({ name: "t", role: "ingest", expiresAt: null });
      const db = database.sql.db<AuthTables>();
      const stored = JSON.stringify([
        await db.selectFrom("auth_user").selectAll().execute(),
        await db.selectFrom("auth_session").selectAll().execute(),
        await db.selectFrom("auth_token").selectAll().execute(),
      ]);
      expect(stored).toContain("$argon2id$v=19$m=19456,t=2,p=1$");
      for (const secret of [password, session.id, token, token.slice(4)]) expect(stored).not.toContain(secret);
    });

    it("makes a name wait after five failures, twice as long each time, at most a minute", async () => {
      for (let attempt = 0; attempt < 5; attempt++) await auth.login("admin", "wrong", `10.0.1.${attempt}`);
      expect(await refusalOf(auth.login("admin", password, "10.0.2.1"))).toMatchObject({
        code: "too_many",
        retryAfterS: 1,
      });
      clock.advance(1000);
      await auth.login("admin", "wrong", "10.0.2.2");
      expect(await refusalOf(auth.login("admin", password, "10.0.2.3"))).toMatchObject({ retryAfterS: 2 });
      for (let attempt = 0; attempt < 8; attempt++) {
        clock.advance(60_000);
        await auth.login("admin", "wrong", `10.0.3.${attempt}`);
      }
      expect(await refusalOf(auth.login("admin", password, "10.0.2.4"))).toMatchObject({ retryAfterS: 60 });
      clock.advance(60_000);
      expect(await auth.login("admin", password, "10.0.2.5")).toBeDefined();
      expect(await auth.login("admin", "wrong", "10.0.2.5")).toBeUndefined();
      expect(await auth.login("admin", password, "10.0.2.5")).toBeDefined();
    });

    it("does not let many guesses through at once", async () => {
      const guesses = Array.from({ length: 12 }, (_, at) => auth.login("admin", "wrong", `10.0.4.${at}`));
      const answers = await Promise.all(guesses.map(refusalOf));
      expect(answers.filter((answer) => answer === undefined).length).toBe(5);
    });

    it("makes an address wait after twenty failures, over all names; a whole IPv6 network counts as one", async () => {
      for (let attempt = 0; attempt < 20; attempt++) await auth.login(`guess${attempt}`, "x", `2001:db8::${attempt}`);
      expect(await refusalOf(auth.login("admin", password, "2001:db8::ffff"))).toMatchObject({ code: "too_many" });
      expect(await auth.login("admin", password, "2001:db8:1::1")).toBeDefined();
    });

    it("counts an address's failures on when one log-in from there was right", async () => {
      for (let attempt = 0; attempt < 19; attempt++) await auth.login(`guess${attempt}`, "x", "10.0.5.1");
      await login("admin", password, "10.0.5.1");
      await auth.login("guess", "x", "10.0.5.1");
      expect(await refusalOf(auth.login("admin", password, "10.0.5.1"))).toMatchObject({ code: "too_many" });
    });
  });

  describe("a session", () => {
    it("ends when it was idle for 12 h, and goes on when it is used", async () => {
      const { id } = await login();
      clock.advance(11 * hourMs);
      expect(await auth.session(id)).toBeDefined();
      clock.advance(11 * hourMs);
      expect(await auth.session(id)).toBeDefined();
      clock.advance(12 * hourMs);
      expect(await auth.session(id)).toBeUndefined();
    });

    it("ends after 7 days, used or not", async () => {
      const { id, expiresAt } = await login();
      expect(expiresAt).toBe(clock.now() + 12 * hourMs);
      for (let hours = 10; hours < 168; hours += 10) {
        clock.advance(10 * hourMs);
        expect(await auth.session(id)).toBeDefined();
      }
      clock.advance(8 * hourMs);
      expect(await auth.session(id)).toBeUndefined();
    });

    it("is cleared away once it has ended", async () => {
      await login();
      clock.advance(13 * hourMs);
      await login();
      const rows = await database.sql.db<AuthTables>().selectFrom("auth_session").selectAll().execute();
      expect(rows.length).toBe(1);
    });

    it("that another node ended is taken for 5 s at most; here it is out at once", async () => {
      const other = start().auth;
      const [mine, theirs] = [await login(), await login()];
      expect([await auth.session(mine.id), await auth.session(theirs.id)]).not.toContain(undefined);
      await auth.logout(mine.id);
      expect(await auth.session(mine.id)).toBeUndefined();
      await other.logout(theirs.id);
      clock.advance(4999);
      expect(await auth.session(theirs.id)).toBeDefined();
      clock.advance(1);
      expect(await auth.session(theirs.id)).toBeUndefined();
    });

    it("ends with the log-out, and an unknown one is none", async () => {
      const { id } = await login();
      await auth.logout(id);
      await auth.logout("unknown");
      expect(await auth.session(id)).toBeUndefined();
      expect(audited.filter((entry) => entry.includes("logout"))).toEqual(["admin logout admin"]);
    });
  });

  describe("a change of password", () => {
    it("ends the other sessions and leaves this one", async () => {
      const kept = await login();
      const other = await login();
      await auth.changePassword("admin", password, "a new long password", kept.id);
      expect([await auth.session(kept.id), await auth.session(other.id)]).toEqual([expect.anything(), undefined]);
      expect(await auth.login("admin", password, "10.0.0.1")).toBeUndefined();
      expect(await auth.login("admin", "a new long password", "10.0.0.1")).toBeDefined();
    });

    it("is refused with a wrong old password, and throttled as a log-in is", async () => {
      for (let attempt = 0; attempt < 5; attempt++) {
        expect(await refusalOf(auth.changePassword("admin", "wrong", "a new long password"))).toMatchObject({
          code: "bad_request",
          message: "the old password is wrong",
        });
      }
      expect(await refusalOf(auth.changePassword("admin", password, "a new long password"))).toMatchObject({
        code: "too_many",
      });
    });

    it("is refused when the new one is weak", async () => {
      const weak = ["short", "aaaaaaaaaaaaaaa", "the-admin-of-this", "x".repeat(300), password];
      for (const next of weak) {
        expect(await refusalOf(auth.changePassword("admin", password, next))).toMatchObject({ code: "bad_request" });
      }
    });
  });

  describe("a token", () => {
    it("lets its holder in under its name, until it is revoked", async () => {
      const { id, token } = await auth.createToken({ name: "hall 2", role: "ingest", expiresAt: null, by: "admin" });
      expect(token).toMatch(/^dvz_[\w-]{43}$/);
      const principal = { name: "token:hall 2", role: "ingest", kind: "token", csrf: null };
      expect([await auth.token(token), await auth.token(token)]).toEqual([principal, principal]);
      expect(await auth.revokeToken(id, "admin")).toBe(true);
      expect(await auth.token(token)).toBeUndefined();
      expect(await auth.revokeToken(id, "admin")).toBe(false);
      expect(audited.slice(-2)).toEqual(["admin token.create hall 2", "admin token.revoke hall 2"]);
    });

    it("ends at its time, also when it was just used", async () => {
      const { token } = await auth.createToken({ name: "t", role: "viewer", expiresAt: clock.now() + 1000 });
      expect(await auth.token(token)).toBeDefined();
      clock.advance(1000);
      expect(await auth.token(token)).toBeUndefined();
    });

    it("that another process revoked is taken for 5 s at most", async () => {
      const { token } = await auth.createToken({ name: "t", role: "viewer", expiresAt: null });
      await auth.token(token);
      await database.sql.db<AuthTables>().deleteFrom("auth_token").execute();
      clock.advance(4999);
      expect(await auth.token(token)).toBeDefined();
      clock.advance(1);
      expect(await auth.token(token)).toBeUndefined();
    });

    it("shows in the list when it was last used, without its secret", async () => {
      const { id, token } = await auth.createToken({ name: "t", role: "viewer", expiresAt: null });
      const createdAt = clock.now();
      clock.advance(1000);
      await auth.token(token);
      expect(await auth.listTokens()).toEqual([
        { id, name: "t", role: "viewer", createdAt, expiresAt: null, lastUsedAt: createdAt + 1000 },
      ]);
    });

    it("that nobody made is none", async () => {
      expect(await auth.token("dvz_unknown")).toBeUndefined();
    });
  });

  describe("without its entry in the audit log", () => {
    const everything = async () => {
      const db = database.sql.db<AuthTables>();
      const users = await db.selectFrom("auth_user").selectAll().execute();
      const sessions = await db.selectFrom("auth_session").selectAll().execute();
      return { users, sessions, tokens: await db.selectFrom("auth_token").selectAll().execute() };
    };
    it.each<[string, (made: { sessionId: string; tokenId: string }) => Promise<unknown>]>([
      ["log-in", () => auth.login("admin", password, "10.0.0.9")],
      ["log-out", ({ sessionId }) => auth.logout(sessionId)],
      ["change of password", () => auth.changePassword("admin", password, "a new long password")],
      ["new token", () => auth.createToken({ name: "t2", role: "viewer", expiresAt: null })],
      ["revoked token", ({ tokenId }) => auth.revokeToken(tokenId)],
      ["new user", () => auth.createUser({ name: "eve", role: "viewer" }, "admin")],
      ["removed user", () => auth.removeUser("night", "admin")],
    ])("there is no %s", async (_what, change) => {
      await auth.createUser({ name: "night", role: "viewer" }, "admin");
      const { id: tokenId } = await auth.createToken({ name: "t", role: "viewer", expiresAt: null });
      const { id: sessionId } = await login();
      const before = await everything();
      refuseEntries = new Error("no room for the entry");
      await expect(change({ sessionId, tokenId })).rejects.toThrow("no room for the entry");
      expect(await everything()).toEqual(before);
      refuseEntries = undefined;
      await change({ sessionId, tokenId });
      expect(await everything()).not.toEqual(before);
    });

    it("there is no first administrator", async () => {
      await database.sql.db<AuthTables>().deleteFrom("auth_user").execute();
      refuseEntries = new Error("no room for the entry");
      await expect(auth.ensureFirstAdmin(password)).rejects.toThrow("no room for the entry");
      expect(await auth.listUsers()).toEqual([]);
    });
  });

  describe("users", () => {
    it("are made with a password to be changed, and removed with their sessions", async () => {
      const made = await auth.createUser({ name: "Night", role: "operator" }, "admin");
      const session = await login("night", made.password);
      expect(session).toMatchObject({ principal: { role: "operator" }, mustChangePassword: true });
      expect(await refusalOf(auth.createUser({ name: "night", role: "admin" }, "admin"))).toMatchObject({
        code: "conflict",
      });
      expect((await auth.listUsers()).map(({ name }) => name)).toEqual(["admin", "night"]);
      expect(await auth.removeUser("night", "admin")).toBe(true);
      expect(await auth.removeUser("night", "admin")).toBe(false);
      expect(await auth.session(session.id)).toBeUndefined();
    });

    it("keep their last administrator", async () => {
      expect(await refusalOf(auth.removeUser("admin", "admin"))).toMatchObject({ code: "conflict" });
    });
  });
});
