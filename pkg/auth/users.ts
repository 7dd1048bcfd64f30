import type { Clock } from "#pkg/clock/port.ts";
import { AppError } from "#pkg/errors/errors.ts";
import type { SqlClient, Tx } from "#pkg/sql/port.ts";
import type { User, UserRole } from "./port.ts";
import type { AuthTables } from "./tables.ts";

export interface StoredUser extends User {
  passwordHash: string;
}

/** The people's records; names are compared in lower case. Changes are made within the caller's transaction. */
export interface Users {
  find(name: string): Promise<StoredUser | undefined>;
  list(): Promise<User[]>;
  /** Throws `AppError("conflict")` when the name is taken. */
  add(tx: Tx, user: { name: string; role: UserRole; passwordHash: string; mustChangePassword: boolean }): Promise<void>;
  /** As `add`, but only when there is nobody; false when there is. */
  addFirst(tx: Tx, user: { name: string; passwordHash: string; mustChangePassword: boolean }): Promise<boolean>;
  setPassword(tx: Tx, name: string, passwordHash: string): Promise<void>;
  /** False when there is none. Throws `AppError("conflict")` for the last administrator. */
  remove(tx: Tx, name: string): Promise<boolean>;
}

export function createUsers({ sql, clock }: { sql: SqlClient; clock: Clock }): Users {
  const insert = async (tx: Tx, user: Parameters<Users["add"]>[1]) => {
    const times = { created_at: clock.now(), updated_at: clock.now() };
    await tx
      .db<AuthTables>()
      .insertInto("auth_user")
      .values({
        name: user.name,
        role: user.role,
        password_hash: user.passwordHash,
        must_change_password: user.mustChangePassword ? 1 : 0,
        ...times,
      })
      .execute();
  };
  return {
    async find(name) {
      const users = sql.db<AuthTables>().selectFrom("auth_user").selectAll();
      const row = await users.where("name", "=", toUserName(name)).executeTakeFirst();
      return row && { ...toUser(row), passwordHash: row.password_hash };
    },
    async list() {
      return (await sql.db<AuthTables>().selectFrom("auth_user").selectAll().orderBy("name").execute()).map(toUser);
    },
    async add(tx, user) {
      if (await roleOf(tx, user.name)) throw nameTaken(user.name);
      await insert(tx, user);
    },
    async addFirst(tx, user) {
      const anybody = await tx.db<AuthTables>().selectFrom("auth_user").select("name").limit(1).executeTakeFirst();
      if (!anybody) await insert(tx, { ...user, role: "admin" });
      return !anybody;
    },
    async setPassword(tx, name, passwordHash) {
      await tx
        .db<AuthTables>()
        .updateTable("auth_user")
        .set({ password_hash: passwordHash, must_change_password: 0, updated_at: clock.now() })
        .where("name", "=", toUserName(name))
        .execute();
    },
    remove: (tx, name) => removeUser(tx, toUserName(name)),
  };
}

async function removeUser(tx: Tx, name: string): Promise<boolean> {
  const db = tx.db<AuthTables>();
  const role = await roleOf(tx, name);
  if (role === undefined) return false;
  const admins = await db.selectFrom("auth_user").select("name").where("role", "=", "admin").execute();
  if (role === "admin" && admins.length === 1) {
    throw new AppError("conflict", { message: `"${name}" is the last administrator`, mend: "make another one first" });
  }
  await db.deleteFrom("auth_session").where("user_name", "=", name).execute();
  await db.deleteFrom("auth_user").where("name", "=", name).execute();
  return true;
}

async function roleOf(tx: Tx, name: string): Promise<UserRole | undefined> {
  const users = tx.db<AuthTables>().selectFrom("auth_user").select("role");
  return (await users.where("name", "=", name).executeTakeFirst())?.role;
}

/** The form in which names are stored and compared. */
export function toUserName(text: string): string {
  return text.trim().toLowerCase().slice(0, 100);
}

function toUser(row: AuthTables["auth_user"]): User {
  return {
    name: row.name,
    role: row.role,
    mustChangePassword: row.must_change_password === 1,
    createdAt: row.created_at,
  };
}

function nameTaken(name: string): AppError {
  return new AppError("conflict", { message: `there is a user "${name}" already`, mend: "choose another name" });
}
