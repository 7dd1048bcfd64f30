import { createHash, randomUUID } from "node:crypto";
import { createTwoFilesPatch } from "diff";
import type { Clock } from "#pkg/clock/port.ts";
import { AppError } from "#pkg/errors/errors.ts";
import type { FileStore } from "#pkg/filestore/port.ts";
import type { SqlClient } from "#pkg/sql/port.ts";
import type { UnitFiles } from "../render/render.ts";
import type { RolloutTables } from "./tables.ts";

/** A version of a unit: what Telegraf ran with, and the keys of the devices in it. */
export interface Snapshot {
  files: UnitFiles;
  devices: readonly string[];
}

/** Versions of the units' files, known by the SHA-256 of their content. */
export interface Snapshots {
  /** Keeps a version and returns its hash; null for a unit that has no files. */
  keep(unitId: string, snapshot: Snapshot, rolloutId: string): Promise<string | null>;
  /** Throws `AppError("not_found")` when this unit never had it. */
  get(unitId: string, hash: string): Promise<Snapshot>;
  /** Newest first. */
  list(unitId: string): Promise<{ hash: string; at: number; rolloutId: string | null }[]>;
}

export interface SnapshotDeps {
  sql: SqlClient;
  clock: Clock;
  files: Pick<FileStore, "putVersion" | "getVersion">;
}

/** Contents in the file store, their list in the database. */
export function createSnapshots({ sql, clock, files }: SnapshotDeps): Snapshots {
  const db = () => sql.db<RolloutTables>();
  const isKept = async (unitId: string, hash: string) => {
    const query = db().selectFrom("unit_snapshots").select("at").where("unit_id", "=", unitId).where("hash", "=", hash);
    return (await query.executeTakeFirst()) !== undefined;
  };
  return {
    async keep(unitId, snapshot, rolloutId) {
      if (Object.keys(snapshot.files).length === 0) return null;
      const sorted = {
        files: Object.fromEntries(sortedEntries(snapshot.files)),
        devices: [...snapshot.devices].sort(),
      };
      const hash = await files.putVersion(JSON.stringify(sorted));
      const row = { unit_id: unitId, hash, at: clock.now(), rollout_id: rolloutId };
      if (!(await isKept(unitId, hash))) await db().insertInto("unit_snapshots").values(row).execute();
      return hash;
    },
    async get(unitId, hash) {
      const content = (await isKept(unitId, hash)) ? await files.getVersion(hash) : undefined;
      if (content === undefined) {
        throw new AppError("not_found", { at: unitId, message: `the unit has no snapshot ${hash}` });
      }
      return JSON.parse(Buffer.from(content).toString()) as Snapshot; // written by keep only
    },
    async list(unitId) {
      const query = db().selectFrom("unit_snapshots").selectAll().where("unit_id", "=", unitId).orderBy("at", "desc");
      return (await query.execute()).map((row) => ({ hash: row.hash, at: row.at, rolloutId: row.rollout_id }));
    },
  };
}

/** Digest of a set of files: what a rollout aims at. */
export function markOf(files: UnitFiles): string {
  return createHash("sha256")
    .update(JSON.stringify(sortedEntries(files)))
    .digest("hex");
}

function sortedEntries(files: UnitFiles): [string, string][] {
  return Object.entries(files).sort(([a], [b]) => (a < b ? -1 : 1));
}

/** Unified diff of two versions, file by file; empty when they are equal. Communities and tokens are masked. */
export function diffSnapshots(a: Snapshot, b: Snapshot): string {
  const salt = randomUUID();
  const names = [...new Set([...Object.keys(a.files), ...Object.keys(b.files)])].sort();
  return names
    .filter((name) => a.files[name] !== b.files[name])
    .map((name) => {
      const [before, after] = [a, b].map(({ files }) => maskSecrets(files[name] ?? "", salt));
      return createTwoFilesPatch(name, name, before ?? "", after ?? "");
    })
    .join("");
}

/** With one salt, equal secrets have equal masks and a changed one still shows; the salt is thrown away. */
function maskSecrets(text: string, salt: string): string {
  return text.replaceAll(/^(\s*(?:community|token) = )(".*")$/gm, (_line, key: string, value: string) => {
    const digest = createHash("sha256").update(salt).update(value).digest("hex").slice(0, 6);
    return `${key}"•••• ${digest}"`;
  });
}
