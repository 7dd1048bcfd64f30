import { cpSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { sql as text } from "kysely";
import { AppError } from "#pkg/errors/errors.ts";
import { openSqlite } from "#pkg/sql/adapters/sqlite.ts";
import { type Migration, readStatus } from "#pkg/sql/migrate.ts";

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

async function moveRecords(file: string, load: (file: string) => Promise<void>): Promise<void> {
  await load(file);
  rmSync(file);
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
