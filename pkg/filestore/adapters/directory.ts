import { access } from "node:fs/promises";
import { dirname } from "node:path";
import type { Clock } from "#pkg/clock/port.ts";
import type { SqlClient } from "#pkg/sql/port.ts";
import { diffVersions, restoreVersion } from "../history.ts";
import { createLocks } from "../locks.ts";
import type { FileStore } from "../port.ts";
import { type Contents, createVersions } from "../versions.ts";
import { deleteFile, makeFolder, writeAtomic } from "./directory/atomic.ts";
import { parseName, versionsFolder } from "./directory/name.ts";
import { listIfThere, readIfThere, refuseOther, stampIfThere, statIfThere } from "./directory/read.ts";
import { openRoot, type Root } from "./directory/root.ts";
import { sweepUnfinished } from "./directory/sweep.ts";

export interface DirectoryDeps {
  /** Made when it is not there. */
  folder: string;
  /** Holds the locks and the lists of versions. */
  sql: SqlClient;
  clock: Clock;
}

/**
 * Files in a folder of this machine, or of a storage that nodes share. Versions lie under `.versions/ab/cdef…`. What
 * interrupted writes left long ago is removed first.
 */
export async function openDirectory({ folder, sql, clock }: DirectoryDeps): Promise<FileStore> {
  const root = await openRoot(folder);
  await sweepUnfinished(root.folder, clock.now());
  const locks = createLocks({ sql, clock });
  const files: Omit<FileStore, "diff" | "restore"> = {
    read: async (name) => (await readIfThere(await root.resolve(name)))?.content,
    async write(name, content, { mode = 0o640, lock, ifHash } = {}) {
      const path = await root.prepare(name);
      const replace = (change: () => void) =>
        locks.guard(name, lock, () => {
          if (ifHash !== undefined) refuseOther(path, ifHash);
          change();
        });
      await writeAtomic(path, content, { mode, guard: replace });
    },
    async delete(name, { lock } = {}) {
      await deleteFile(await root.resolve(name), (change) => locks.guard(name, lock, change));
    },
    list: async (name) => (await listIfThere(await root.resolve(name, "folder"))).sort(),
    stamp: async (name) => stampIfThere(await root.resolve(name)),
    stat: async (name) => statIfThere(await root.resolve(name)),
    async lock(name, holder, leaseMs) {
      parseName(name);
      return locks.take(name, holder, leaseMs);
    },
    versions: createVersions({ sql, clock, contents: contentsIn(root) }),
  };
  return {
    ...files,
    diff: (name, from, to) => diffVersions(files.versions, { name, from, to }),
    restore: (name, hash, options) => restoreVersion(files, { name, hash, options }),
  };
}

function contentsIn(root: Root): Contents {
  const pathOf = (hash: string) => root.own(`${versionsFolder}/${hash.slice(0, 2)}/${hash.slice(2)}`);
  return {
    has: async (hash) =>
      access(pathOf(hash)).then(
        () => true,
        () => false,
      ),
    read: async (hash) => (await readIfThere(pathOf(hash)))?.content,
    async write(hash, content) {
      await makeFolder(dirname(pathOf(hash)));
      await writeAtomic(pathOf(hash), content, { mode: 0o440 });
    },
  };
}
