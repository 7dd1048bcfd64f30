import { cpSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { sql as text } from "kysely";
import { AppError } from "#pkg/errors/errors.ts";
import { openSqlite } from "#pkg/sql/adapters/sqlite.ts";
import { type Migration, migrateUp, readStatus } from "#pkg/sql/migrate.ts";
import type { SqlClient } from "#pkg/sql/port.ts";

/** What a backup holds at least, in its folder `data`. */
const needed = ["detectviz.db", "tsdb"];

export interface RestoreOptions {
  force: boolean;
  /** Of this version. */
  migrations: readonly Migration[];
  /** Takes the records in from their SQLite file, when they are kept on a server. */
  load?: ((file: string) => Promise<void>) | undefined;
}

/**
 * Makes a data folder from what `writeBackup` wrote. It is copied under another name and checked there, so that a
 * refusal leaves both folders as they were. A data folder that holds something is refused, or with `force` moved aside;
 * returns where to.
 */
export async function restoreBackup(
  from: string,
  dataFolder: string,
  { force, migrations, load }: RestoreOptions,
): Promise<string | undefined> {
  const isTaken = existsSync(dataFolder) && readdirSync(dataFolder).length > 0;
  if (isTaken && !force) throw taken(dataFolder);
  const missing = needed.find((name) => !existsSync(join(from, "data", name)));
  if (missing !== undefined) throw noBackup(from, missing);
  const partial = `${dataFolder}.partial`;
  rmSync(partial, { recursive: true, force: true });
  mkdirSync(dirname(dataFolder), { recursive: true });
  try {
    cpSync(join(from, "data"), partial, { recursive: true });
    keepKey(dataFolder, partial);
    await checkRecords(join(partial, "detectviz.db"), from, migrations);
    await prepareRecords(join(partial, "detectviz.db"), migrations);
    if (load) await moveRecords(join(partial, "detectviz.db"), load);
    return swap(partial, dataFolder, isTaken);
  } finally {
    rmSync(partial, { recursive: true, force: true });
  }
}

/** A backup holds no key of the secrets; the one that lies in the folder goes on serving. */
function keepKey(dataFolder: string, partial: string): void {
  const key = join(dataFolder, "secret.key");
  if (existsSync(key)) cpSync(key, join(partial, "secret.key"));
}

/** Brings what an older version backed up to this schema. */
async function prepareRecords(file: string, migrations: readonly Migration[]): Promise<void> {
  const client = openSqlite(file);
  try {
    await migrateUp(client, migrations, Date.now());
  } finally {
    await client.close();
  }
}

async function moveRecords(file: string, load: (file: string) => Promise<void>): Promise<void> {
  await load(file);
  rmSync(file);
}

/**
 * What somebody must do about the key of the secrets before he starts the node; undefined when nothing is sealed, or a
 * key is there.
 */
export async function findMissingKey(from: string, dataFolder: string): Promise<string | undefined> {
  if (existsSync(join(dataFolder, "secret.key")) || process.env["DETECTVIZ_SECRET_KEY"]) return undefined;
  const client = openSqlite(join(from, "data/detectviz.db"));
  try {
    if (!(await hasSealed(client))) return undefined;
  } finally {
    await client.close();
  }
  return [
    "secrets and device communities are sealed with a key that no backup holds:",
    `  copy secret.key of the node that was backed up to ${join(dataFolder, "secret.key")} (chmod 600),`,
    "  or start with that key in DETECTVIZ_SECRET_KEY; without it the node does not start.",
    `  If the key is lost: npx detectviz secret forget --data ${dataFolder}, then set the secrets and scan again.`,
  ].join("\n");
}

/** False also for a backup from before there were secrets. */
async function hasSealed(client: SqlClient): Promise<boolean> {
  const tables = await client.db().introspection.getTables();
  if (!tables.some(({ name }) => name === "secret_keys")) return false;
  const { rows } = await text`select 1 from secret_keys limit 1`.execute(client.db());
  return rows.length > 0;
}

function swap(partial: string, dataFolder: string, isTaken: boolean): string | undefined {
  const aside = isTaken ? freeName(`${dataFolder}.before-restore`) : undefined;
  if (aside !== undefined) renameSync(dataFolder, aside);
  else rmSync(dataFolder, { recursive: true, force: true });
  renameSync(partial, dataFolder);
  return aside;
}

async function checkRecords(file: string, from: string, migrations: readonly Migration[]): Promise<void> {
  const client = openSqlite(file);
  try {
    const { rows } = await text<{ quick_check: string }>`pragma quick_check(1)`.execute(client.db());
    if (rows[0]?.quick_check !== "ok") throw damaged(from, rows[0]?.quick_check ?? "no answer");
    const unfit = (await readStatus(client, migrations)).find((step) => !["applied", "missing"].includes(step.state));
    if (unfit) throw otherSchema(from, `"${unfit.name}" is ${unfit.state}`);
  } finally {
    await client.close();
  }
}

function freeName(wanted: string): string {
  for (let number = 1; ; number++) {
    const name = number === 1 ? wanted : `${wanted}-${number}`;
    if (!existsSync(name)) return name;
  }
}

function noBackup(from: string, missing: string): AppError {
  return new AppError("not_found", {
    at: from,
    message: `this is no whole backup: data/${missing} is not there`,
    mend: "name a folder that `npx detectviz backup --to DIR` wrote",
  });
}

function damaged(from: string, detail: string): AppError {
  return new AppError("config", {
    at: from,
    message: `its records are damaged: ${detail}`,
    mend: "take another backup",
  });
}

function otherSchema(from: string, detail: string): AppError {
  return new AppError("config", {
    at: from,
    message: `the schema of its records is not one of this version: step ${detail}`,
    mend: "restore with the version that wrote the backup",
  });
}

function taken(dataFolder: string): AppError {
  return new AppError("conflict", {
    at: dataFolder,
    message: "there is a data folder already",
    mend: "name another one with --data DIR; or --force, which moves this one aside",
  });
}
