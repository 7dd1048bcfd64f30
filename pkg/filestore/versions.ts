import { createHash } from "node:crypto";
import type { Clock } from "#pkg/clock/port.ts";
import { AppError } from "#pkg/errors/errors.ts";
import type { SqlClient } from "#pkg/sql/port.ts";
import type { FileVersions } from "./port.ts";
import type { FileTables } from "./tables.ts";

/** Contents by their hash, wherever they lie. */
export interface Contents {
  has(hash: string): Promise<boolean>;
  read(hash: string): Promise<Uint8Array | undefined>;
  write(hash: string, content: Uint8Array | string): Promise<void>;
}

export interface VersionsDeps {
  sql: SqlClient;
  clock: Clock;
  contents: Contents;
}

export const hashOf = (content: Uint8Array | string): string => createHash("sha256").update(content).digest("hex");

/** Lists in the database, contents in `contents`: a row is written only when its content is on disk. */
export function createVersions({ sql, clock, contents }: VersionsDeps): FileVersions {
  const rows = (name: string) => sql.db<FileTables>().selectFrom("file_versions").where("name", "=", name);
  return {
    async keep(name, content, note = null) {
      const hash = hashOf(content);
      if (!(await contents.has(hash))) await contents.write(hash, content);
      await sql.transaction(async (tx) => {
        const db = tx.db<FileTables>();
        const known = db.selectFrom("file_versions").select("hash").where("name", "=", name).where("hash", "=", hash);
        if (await known.executeTakeFirst()) return;
        await db.insertInto("file_versions").values({ name, hash, at: clock.now(), note }).execute();
      });
      return hash;
    },
    list: (name) => rows(name).select(["hash", "at", "note"]).orderBy("at", "desc").orderBy("hash").execute(),
    async read(name, hash) {
      const known = await rows(name).select("hash").where("hash", "=", hash).executeTakeFirst();
      if (!known) return undefined;
      const content = await contents.read(hash);
      if (content && hashOf(content) === hash) return content;
      throw new AppError("unavailable", {
        at: `version ${hash} of ${name}`,
        message: content ? "its content is not what was kept" : "its content is gone from the disk",
        mend: "bring it back from a backup of the data folder",
      });
    },
  };
}
