import { randomBytes } from "node:crypto";
import type { Audit } from "#pkg/audit/port.ts";
import type { Clock } from "#pkg/clock/port.ts";
import { AppError } from "#pkg/errors/errors.ts";
import type { SqlClient, Tx } from "#pkg/sql/port.ts";
import type { Reseal, SecretManager, SecretMetadata, Vault } from "./port.ts";
import type { SecretTables } from "./tables.ts";

export interface SecretsDeps {
  sql: SqlClient;
  clock: Clock;
  vault: Vault;
  audit: Pick<Audit, "record">;
  /** Told of every value that goes in or comes out, so that the log can keep it out. */
  onValue(name: string, value: string): void;
  /** After a change is on disk. */
  onChange(name: string): void;
}

const keptVersions = 10;
const largestValue = 32 * 1024;

/** Secrets in the database, sealed by the vault. */
export function createSecrets(deps: SecretsDeps): SecretManager {
  const { sql, vault, onValue } = deps;
  const metadata = async (name: string) => {
    const row = await sql
      .db<SecretTables>()
      .selectFrom("secrets")
      .selectAll()
      .where("name", "=", name)
      .executeTakeFirst();
    return row && toMetadata(row);
  };
  return {
    async get(name, version) {
      const wanted = version ?? (await metadata(name))?.version;
      if (wanted === undefined) return undefined;
      const query = sql.db<SecretTables>().selectFrom("secret_versions").select("sealed").where("name", "=", name);
      const row = await query.where("version", "=", wanted).executeTakeFirst();
      if (!row) return undefined;
      const value = vault.open(row.sealed, placeOf(name, wanted));
      onValue(name, value);
      return value;
    },
    set: (name, value, { expiresAt = null, by }) => store(deps, { name, value, expiresAt, by, action: "secret.set" }),
    delete: (name, by) => remove(deps, name, by),
    async list() {
      return (await sql.db<SecretTables>().selectFrom("secrets").selectAll().orderBy("name").execute()).map(toMetadata);
    },
    metadata,
    async rotate(name, by) {
      if (!(await metadata(name))) throw new AppError("not_found", { message: `there is no secret "${name}"` });
      const value = randomBytes(32).toString("base64url");
      return { metadata: await store(deps, { name, value, expiresAt: null, by, action: "secret.rotate" }), value };
    },
  };
}

/** Seals every version anew. */
export const resealSecrets: Reseal = async (tx, old, next) => {
  const db = tx.db<SecretTables>();
  for (const { name, version, sealed } of await db.selectFrom("secret_versions").selectAll().execute()) {
    const again = next.seal(old.open(sealed, placeOf(name, version)), placeOf(name, version));
    const row = db.updateTable("secret_versions").set({ sealed: again }).where("name", "=", name);
    await row.where("version", "=", version).execute();
  }
};

/** Gives up every secret and every key: for a database whose key is lost. */
export async function forgetSecrets(tx: Tx): Promise<void> {
  const db = tx.db<SecretTables>();
  for (const table of ["secret_versions", "secrets", "secret_keys"] as const) await db.deleteFrom(table).execute();
}

interface Change {
  name: string;
  value: string;
  expiresAt: number | null;
  by: string;
  action: string;
}

async function store(deps: SecretsDeps, change: Change): Promise<SecretMetadata> {
  const { name, value, expiresAt, by, action } = change;
  check(name, value);
  deps.onValue(name, value);
  const nowMs = deps.clock.now();
  const row = await deps.sql.transaction(async (tx) => {
    const db = tx.db<SecretTables>();
    const before = await db.selectFrom("secrets").selectAll().where("name", "=", name).executeTakeFirst();
    const version = (before?.version ?? 0) + 1;
    const after = { name, version, created_at: before?.created_at ?? nowMs, updated_at: nowMs, expires_at: expiresAt };
    if (before) await db.updateTable("secrets").set(after).where("name", "=", name).execute();
    else await db.insertInto("secrets").values(after).execute();
    const sealed = deps.vault.seal(value, placeOf(name, version));
    await db.insertInto("secret_versions").values({ name, version, sealed, created_at: nowMs }).execute();
    const old = db.deleteFrom("secret_versions").where("name", "=", name);
    await old.where("version", "<=", version - keptVersions).execute();
    await deps.audit.record(
      { by, action, target: name, before: before ? toAudit(before) : null, after: toAudit(after) },
      tx,
    );
    tx.afterCommit(() => deps.onChange(name));
    return after;
  });
  return toMetadata(row);
}

function remove({ sql, audit, onChange }: SecretsDeps, name: string, by: string): Promise<boolean> {
  return sql.transaction(async (tx) => {
    const db = tx.db<SecretTables>();
    const before = await db.selectFrom("secrets").selectAll().where("name", "=", name).executeTakeFirst();
    if (!before) return false;
    await db.deleteFrom("secret_versions").where("name", "=", name).execute();
    await db.deleteFrom("secrets").where("name", "=", name).execute();
    await audit.record({ by, action: "secret.delete", target: name, before: toAudit(before), after: null }, tx);
    tx.afterCommit(() => onChange(name));
    return true;
  });
}

/** Lower case only: what two databases compare differently must not be two secrets in one of them. */
function check(name: string, value: string): void {
  if (!/^[a-z0-9][a-z0-9._-]{0,99}$/.test(name)) {
    throw new AppError("bad_request", {
      message: `"${name.slice(0, 100)}" cannot be the name of a secret`,
      mend: "use lower-case letters, digits, . _ -",
    });
  }
  const bytes = Buffer.byteLength(value);
  if (bytes > 0 && bytes <= largestValue) return;
  throw new AppError("bad_request", {
    at: name,
    message: bytes === 0 ? "the value is empty" : `the value has ${bytes} bytes, ${largestValue} are the most`,
    mend: "give it on standard input",
  });
}

const placeOf = (name: string, version: number) => `secret/${name}/${version}`;

function toMetadata(row: SecretTables["secrets"]): SecretMetadata {
  const { name, version, created_at: createdAt, updated_at: updatedAt, expires_at: expiresAt } = row;
  return { name, version, createdAt, updatedAt, expiresAt };
}

const toAudit = ({ version, expires_at }: SecretTables["secrets"]) => ({ version, expires_at });
