import { createHash, randomUUID } from "node:crypto";
import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { AppError } from "#pkg/errors/errors.ts";

/** What a unit is to run with. `unit.json`; replacing it is the moment at which a change is made. */
export interface UnitRecord {
  /** Folder inside the unit's own that holds `telegraf.conf` and `telegraf.d`. */
  conf: string;
  devices: readonly string[];
}

/** The process of a unit, as the node that started it wrote it down. `process.json`. */
export interface ProcessRecord {
  pid: number;
  startTicks: number;
  /** Over the files and all that Telegraf is started with. */
  hash: string;
  startedAt: number;
}

const filePattern = /^(telegraf\.conf|telegraf\.d\/[A-Za-z0-9._-]+\.conf)$/;

/** Digest of a set of files. */
export function hashFiles(files: Readonly<Record<string, string>>): string {
  const sorted = Object.entries(files).sort(([a], [b]) => (a < b ? -1 : 1));
  return createHash("sha256").update(JSON.stringify(sorted)).digest("hex");
}

/** Writes `files` beside what runs now, then points `unit.json` at them: a kill at any moment leaves one whole set. */
export function writeUnit(folder: string, files: Readonly<Record<string, string>>, devices: readonly string[]): void {
  const conf = `conf-${hashFiles(files).slice(0, 16)}`;
  if (!existsSync(join(folder, conf))) {
    const staged = join(folder, `staged-${randomUUID()}`);
    writeFiles(staged, files);
    renameSync(staged, join(folder, conf));
  }
  writeRecord(join(folder, "unit.json"), { conf, devices } satisfies UnitRecord);
}

/** Removes earlier sets of files and what an interrupted write left. */
export function dropOldFiles(folder: string, keep: string): void {
  for (const name of readdirSync(folder)) {
    if (/^(conf|staged)-/.test(name) && name !== keep) rmSync(join(folder, name), { recursive: true });
  }
}

/** Writes a set of files into a new folder, readable by the owner only: they hold communities. */
export function writeFiles(folder: string, files: Readonly<Record<string, string>>): void {
  mkdirSync(join(folder, "telegraf.d"), { recursive: true, mode: 0o700 });
  for (const [name, content] of Object.entries(files)) {
    if (!filePattern.test(name)) {
      throw new AppError("bad_request", {
        at: name,
        message: "is no file of a unit",
        mend: "use telegraf.d/<name>.conf",
      });
    }
    writeDurably(join(folder, name), content);
  }
}

/** Content by name of a unit's files. */
export function readFiles(folder: string): Record<string, string> {
  const extra = readdirSync(join(folder, "telegraf.d")).map((name) => `telegraf.d/${name}`);
  const names = ["telegraf.conf", ...extra.sort()].filter((name) => existsSync(join(folder, name)));
  return Object.fromEntries(names.map((name) => [name, readFileSync(join(folder, name), "utf8")]));
}

/** `unit.json` or `process.json`; undefined when it is not there or was never finished. */
export function readRecord<T extends UnitRecord | ProcessRecord>(file: string): T | undefined {
  if (!existsSync(file)) return undefined;
  try {
    return JSON.parse(readFileSync(file, "utf8")) as T; // only we write these files, whole or not at all
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** Replaces a record whole. */
export function writeRecord(file: string, record: UnitRecord | ProcessRecord): void {
  writeDurably(`${file}.new`, JSON.stringify(record));
  renameSync(`${file}.new`, file);
  syncFolder(dirname(file));
}

function writeDurably(file: string, content: string): void {
  const handle = openSync(file, "w", 0o600);
  try {
    writeFileSync(handle, content);
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

function syncFolder(folder: string): void {
  const handle = openSync(folder, "r");
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}
