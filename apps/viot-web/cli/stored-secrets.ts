import { createAudit } from "#pkg/audit/audit.ts";
import { systemClock as clock } from "#pkg/clock/clock.ts";
import { silentLogger } from "#pkg/logger/logger.ts";
import { openKeyring } from "#pkg/secret/keyring.ts";
import { readMasterKey } from "#pkg/secret/master-key.ts";
import { findReferences } from "#pkg/secret/references.ts";
import { createScrubber, type Scrubber } from "#pkg/secret/scrub.ts";
import { createSecrets } from "#pkg/secret/secrets.ts";
import type { SqlClient } from "#pkg/sql/port.ts";
import type { ReadConfig } from "../config/config.ts";
import { resolveConfig } from "../secrets/in-config.ts";
import { hasRecords, openRecords } from "../storage/records.ts";

/** The configuration with the secrets of a data folder. Only reads, so that a node may run beside it. */
export async function withStoredSecrets(
  read: ReadConfig,
  dataFolder: string,
): Promise<{ config: ReadConfig; scrubber: Scrubber }> {
  const scrubber = createScrubber();
  const nothing = { get: async () => undefined };
  const place = { config: read.value.storage.sql, dataFolder };
  if (findReferences(read.value).length === 0 || !hasRecords(place))
    return { config: await resolveConfig(read, nothing, dataFolder), scrubber };
  const sql = await openRecords(place, silentLogger);
  try {
    if (!(await hasSecrets(sql))) return { config: await resolveConfig(read, nothing, dataFolder), scrubber };
    const vault = await openKeyring({ sql, master: readMasterKey(dataFolder, process.env), clock });
    const audit = createAudit({ sql, clock });
    const secrets = createSecrets({ sql, clock, vault, audit, onValue: scrubber.learn, onChange() {} });
    return { config: await resolveConfig(read, secrets, dataFolder), scrubber };
  } finally {
    await sql.close();
  }
}

/** False also in a database from before there were secrets. */
async function hasSecrets(sql: SqlClient): Promise<boolean> {
  const db = sql.db<{ secrets: { name: string } }>();
  const tables = await db.introspection.getTables();
  if (!tables.some(({ name }) => name === "secrets")) return false;
  return (await db.selectFrom("secrets").select("name").limit(1).execute()).length > 0;
}
