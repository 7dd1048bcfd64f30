import { cpSync, existsSync, mkdirSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { systemClock as clock } from "#pkg/clock/clock.ts";
import { AppError } from "#pkg/errors/errors.ts";
import { openTsdb } from "#pkg/tsdb/adapters/embedded.ts";
import { writeBackup } from "../storage/backup.ts";
import { withRecords } from "./files.ts";
import { callNode } from "./node-client.ts";
import { type CommonOptions, toPaths } from "./options.ts";
import { print, runCommand } from "./output.ts";

/** `detectviz backup --to DIR`: a consistent copy of records, samples and configuration, also while the node runs. */
export async function backup(options: CommonOptions & { to: string }): Promise<void> {
  await runCommand(options.json, async () => {
    const { configFile, dataFolder } = toPaths(options);
    const folder = resolve(options.to);
    refuseIfTaken(folder);
    const done = await callNode(dataFolder, "POST", "/api/v1/backups", { folder });
    if (!done) await backupFiles(options, folder);
    cpSync(dirname(configFile), join(folder, "conf"), {
      recursive: true,
      filter: (source) => !source.startsWith(dataFolder),
    });
    const keyFile = join(dataFolder, "secret.key");
    const apart = existsSync(keyFile) ? `; it holds no key: keep a copy of ${keyFile} elsewhere` : "";
    print(options.json, { folder }, `backup is in ${folder}${apart}`);
  });
}

function refuseIfTaken(folder: string): void {
  if (!existsSync(folder)) return;
  throw new AppError("conflict", { at: folder, message: "this folder is there already", mend: "name a new one" });
}

async function backupFiles(options: CommonOptions, folder: string): Promise<void> {
  const { dataFolder } = toPaths(options);
  if (!existsSync(dataFolder)) {
    throw new AppError("not_found", {
      at: dataFolder,
      message: "there is no data folder",
      mend: "name it with --data DIR",
    });
  }
  await withRecords(options, async (sql) => {
    const store = await openTsdb({ folder: join(dataFolder, "tsdb"), clock });
    try {
      mkdirSync(dirname(folder), { recursive: true });
      await writeBackup(folder, dataFolder, { sql, store });
    } finally {
      await store.close();
    }
  });
}
