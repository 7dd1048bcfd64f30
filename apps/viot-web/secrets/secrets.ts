import { sql as query, SqliteAdapter } from "kysely";
import { forgetCommunities, resealDevices, sealClearDevices } from "#internal/inventory/sealed.ts";
import type { Audit } from "#pkg/audit/port.ts";
import type { Clock } from "#pkg/clock/port.ts";
import type { Logger } from "#pkg/logger/port.ts";
import { openKeyring } from "#pkg/secret/keyring.ts";
import { readMasterKey } from "#pkg/secret/master-key.ts";
import type { SecretManager, Vault } from "#pkg/secret/port.ts";
import type { Scrubber } from "#pkg/secret/scrub.ts";
import { createSecrets, forgetSecrets, resealSecrets } from "#pkg/secret/secrets.ts";
import type { SqlClient } from "#pkg/sql/port.ts";

export interface NodeSecretsDeps {
  sql: SqlClient;
  dataFolder: string;
  environment: NodeJS.ProcessEnv;
  clock: Clock;
  log: Logger;
  audit: Pick<Audit, "record">;
  scrubber: Scrubber;
  /** A secret was set, rotated or deleted. */
  onChange(name: string): void;
}

export interface NodeSecrets {
  secrets: SecretManager;
  vault: Vault;
  /** A new key for everything that is sealed. */
  renewKey(by: string): Promise<void>;
}

/** Opens the secrets of a data folder; what an older version left in clear is sealed. */
export async function openNodeSecrets(deps: NodeSecretsDeps): Promise<NodeSecrets> {
  const { sql, clock, log, audit, scrubber, onChange } = deps;
  const vault = await openKeyring({ sql, master: readMasterKey(deps.dataFolder, deps.environment), clock });
  const renewKey = async (by: string) => {
    await vault.renew(async (tx, old, next) => {
      await resealSecrets(tx, old, next);
      await resealDevices(tx, old, next);
      await audit.record({ by, action: "secret.key", target: "the key of the secrets", before: null, after: null }, tx);
    });
    log.info({ by }, "the key of the secrets was renewed");
  };
  if (vault.isRenewalDue) await renewKey("start");
  const sealed = await sealClearDevices(sql, vault);
  if (sealed > 0) {
    await compact(sql);
    log.info({ devices: sealed }, "communities that stood in clear were sealed");
  }
  return { vault, renewKey, secrets: createSecrets({ sql, clock, vault, audit, onValue: scrubber.learn, onChange }) };
}

/** Gives up what only a lost key could open. */
export async function forgetSealed(sql: SqlClient): Promise<void> {
  await sql.transaction(async (tx) => {
    await forgetSecrets(tx);
    await forgetCommunities(tx);
  });
}

/** SQLite leaves old bytes in freed pages and in its log until they are used again. */
async function compact(sql: SqlClient): Promise<void> {
  const db = sql.db<unknown>();
  if (!(db.getExecutor().adapter instanceof SqliteAdapter)) return;
  await query`vacuum`.execute(db);
  await query`pragma wal_checkpoint(truncate)`.execute(db);
}
