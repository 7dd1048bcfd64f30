import { copyFileSync, existsSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";

/** What a data folder may hold once its node is up; all else is something half done that nobody cleared away. */
const belongs = [
  /^(detectviz\.db(-wal|-shm)?|node\.(lock|sock)|telegraf-token|first-password|secret[-.]key)$/,
  /^(files|telegraf|tsdb)(\/|$)/,
];
const neverBelongs = /\.(tmp|partial|new|damaged|old|bak)\b|~$/;

/** Names what should not be in the data folder of a node that is up. */
export function checkFolder(dataFolder: string): string[] {
  const names = readdirSync(dataFolder, { recursive: true }).map(String);
  const wrong = names.filter((name) => neverBelongs.test(name) || !belongs.some((pattern) => pattern.test(name)));
  return wrong.map((name) => `the data folder holds ${name}`);
}

/** Checks a copy of the records' file as a killed node left it. */
export function checkRecordsFile(dataFolder: string, copy: string): string[] {
  if (!existsSync(join(dataFolder, "detectviz.db"))) return [];
  const names = ["", "-wal"].filter((end) => existsSync(join(dataFolder, `detectviz.db${end}`)));
  for (const end of names) copyFileSync(join(dataFolder, `detectviz.db${end}`), `${copy}${end}`);
  const database = new DatabaseSync(copy);
  try {
    const rows = database.prepare("pragma integrity_check").all();
    const said = rows.map((row) => String(row["integrity_check"])).join("; ");
    return said === "ok" ? [] : [`the records are damaged: ${said}`];
  } finally {
    database.close();
    for (const end of ["", "-wal", "-shm"]) rmSync(`${copy}${end}`, { force: true });
  }
}
