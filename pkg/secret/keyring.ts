import type { Clock } from "#pkg/clock/port.ts";
import { AppError } from "#pkg/errors/errors.ts";
import type { SqlClient, Tx } from "#pkg/sql/port.ts";
import { createDataKey, type DataKey, decrypt, encrypt } from "./cipher.ts";
import type { MasterKey } from "./master-key.ts";
import { isSealed, type Reseal, type Vault } from "./port.ts";
import type { SecretTables } from "./tables.ts";

export interface KeyringDeps {
  sql: SqlClient;
  master: MasterKey;
  clock: Clock;
}

/** A vault whose keys can be renewed. */
export interface Keyring extends Vault {
  /** True when the start gave a new key beside the old one: `renew` is due. */
  readonly isRenewalDue: boolean;
  /**
   * Makes a new master key and a new data key; `reseal` seals everything anew in the same transaction. Earlier data
   * keys stay, wrapped by the new master key, for what is kept as it was (snapshots). A kill at any point leaves
   * either the old key or the new one in force. Throws `AppError("conflict")` when the environment holds the key.
   */
  renew(reseal: Reseal): Promise<void>;
}

/**
 * Opens the data keys with the master key; makes both when there are none yet.
 * Throws `AppError("config")` when no master key fits them.
 */
export async function openKeyring({ sql, master, clock }: KeyringDeps): Promise<Keyring> {
  const rows = await readRows(sql);
  const opened = rows.length > 0 ? unwrapAll(rows, master) : await makeFirst(sql, master, clock.now());
  const [target] = master.candidates;
  const isRenewalDue = master.renew && target !== undefined && !target.equals(opened.key);
  if (!isRenewalDue) master.settle(opened.key);
  let ring = opened.ring;
  const vault = toVault(() => ring);
  return {
    ...vault,
    isRenewalDue,
    async renew(reseal) {
      const key = isRenewalDue && target ? target : master.next();
      const next = [...ring, createDataKey()];
      await sql.transaction(async (tx) => {
        await rewrap(tx, next, key, clock.now());
        await reseal(
          tx,
          vault,
          toVault(() => next),
        );
        tx.afterCommit(() => {
          ring = next;
        });
      });
      master.settle(key);
    },
  };
}

/** The newest key of the ring seals; each opens what it sealed. */
function toVault(ring: () => readonly DataKey[]): Vault {
  return {
    seal(text, place) {
      const key = ring().at(-1);
      if (!key) throw new Error("the ring of data keys is empty");
      return `sealed:${key.id}:${encrypt(key.bytes, text, place)}`;
    },
    open(sealed, place) {
      const [, id, body = ""] = isSealed(sealed) ? sealed.split(":") : [];
      const key = ring().find((one) => one.id === id);
      if (!key) throw unopened(place, "it was sealed with a key that this node does not have");
      try {
        return decrypt(key.bytes, body, place).toString("utf8");
      } catch (error) {
        throw unopened(place, "it was changed or moved after it was sealed", error);
      }
    },
  };
}

function unopened(at: string, message: string, cause?: unknown): AppError {
  return new AppError("config", { at, message, mend: "restart the node with the newest key, or set it again", cause });
}

type KeyRow = SecretTables["secret_keys"];

function readRows(sql: SqlClient): Promise<KeyRow[]> {
  return sql.db<SecretTables>().selectFrom("secret_keys").selectAll().orderBy("seq").execute();
}

function unwrapAll(rows: readonly KeyRow[], master: MasterKey): { key: Buffer; ring: DataKey[] } {
  for (const key of master.candidates) {
    try {
      return { key, ring: rows.map(({ id, wrapped }) => ({ id, bytes: decrypt(key, wrapped, placeOf(id)) })) };
    } catch {
      // The next candidate may fit; when none does, the refusal below says so.
    }
  }
  const isThere = master.candidates.length > 0;
  throw new AppError("config", {
    at: master.at,
    message: isThere
      ? "this key does not fit the secrets in the database"
      : "the key of the secrets in the database is not here",
    mend: "copy secret.key of the node that sealed them to its place, chmod 600 (no backup holds it), or give it in DETECTVIZ_SECRET_KEY; if it is lost: npx detectviz secret forget",
  });
}

/** Two nodes may start at once over one database: the second finds the key of the first. */
async function makeFirst(sql: SqlClient, master: MasterKey, nowMs: number): Promise<{ key: Buffer; ring: DataKey[] }> {
  const key = master.candidates[0] ?? master.make();
  const ring = [createDataKey()];
  try {
    await sql.transaction((tx) => rewrap(tx, ring, key, nowMs));
    return { key, ring };
  } catch (error) {
    const rows = await readRows(sql);
    if (rows.length === 0) throw error;
    return unwrapAll(rows, { ...master, candidates: [key] });
  }
}

async function rewrap(tx: Tx, ring: readonly DataKey[], master: Buffer, nowMs: number): Promise<void> {
  const db = tx.db<SecretTables>();
  for (const [seq, { id, bytes }] of ring.entries()) {
    const wrapped = encrypt(master, bytes, placeOf(id));
    const { numUpdatedRows } = await db
      .updateTable("secret_keys")
      .set({ wrapped })
      .where("id", "=", id)
      .executeTakeFirst();
    if (numUpdatedRows === 0n)
      await db.insertInto("secret_keys").values({ id, seq, wrapped, created_at: nowMs }).execute();
  }
}

const placeOf = (id: string) => `key/${id}`;
