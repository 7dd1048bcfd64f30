import type { FileVersions } from "#pkg/filestore/port.ts";
import { isSealed, type Vault } from "./port.ts";

const place = "file version";

/** Versions of files that hold secrets, sealed on disk; the same content keeps its hash. One from before sealing is read as it is. */
export function sealVersions(versions: FileVersions, vault: Vault): FileVersions {
  return {
    keep: (name, content, note) => versions.keep(name, vault.seal(Buffer.from(content).toString("utf8"), place), note),
    list: versions.list,
    async read(name, hash) {
      const content = await versions.read(name, hash);
      if (content === undefined) return undefined;
      const text = Buffer.from(content).toString("utf8");
      return isSealed(text) ? Buffer.from(vault.open(text, place)) : content;
    },
  };
}
