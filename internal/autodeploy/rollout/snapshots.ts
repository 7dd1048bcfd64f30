import { createHash, randomUUID } from "node:crypto";
import { AppError } from "#pkg/errors/errors.ts";
import type { FileVersions } from "#pkg/filestore/port.ts";
import type { UnitFiles } from "../render/render.ts";

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

/** Kept as versions of `units/<id>`; the note is the rollout. */
export function createSnapshots({ versions }: { versions: FileVersions }): Snapshots {
  const nameOf = (unitId: string) => `units/${unitId}`;
  return {
    async keep(unitId, snapshot, rolloutId) {
      if (Object.keys(snapshot.files).length === 0) return null;
      const sorted = {
        files: Object.fromEntries(sortedEntries(snapshot.files)),
        devices: [...snapshot.devices].sort(),
      };
      return versions.keep(nameOf(unitId), JSON.stringify(sorted), rolloutId);
    },
    async get(unitId, hash) {
      const content = await versions.read(nameOf(unitId), hash);
      if (content === undefined) {
        throw new AppError("not_found", { at: unitId, message: `the unit has no snapshot ${hash}` });
      }
      return JSON.parse(Buffer.from(content).toString()) as Snapshot; // written by keep only
    },
    async list(unitId) {
      return (await versions.list(nameOf(unitId))).map(({ hash, at, note }) => ({ hash, at, rolloutId: note }));
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
export async function diffSnapshots(a: Snapshot, b: Snapshot): Promise<string> {
  const { createTwoFilesPatch } = await import("diff"); // most nodes are never asked
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
