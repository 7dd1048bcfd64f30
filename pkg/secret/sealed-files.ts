import type { FileStore } from "#pkg/filestore/port.ts";
import { isSealed, type Vault } from "./port.ts";

const place = "file version";

/** Versions of files that hold secrets, sealed on disk; the same content keeps its hash. One from before sealing is read as it is. */
export function sealVersions(
  files: Pick<FileStore, "putVersion" | "getVersion">,
  vault: Vault,
): Pick<FileStore, "putVersion" | "getVersion"> {
  return {
    putVersion: (content) => files.putVersion(vault.seal(Buffer.from(content).toString("utf8"), place)),
    async getVersion(hash) {
      const content = await files.getVersion(hash);
      if (content === undefined) return undefined;
      const text = Buffer.from(content).toString("utf8");
      return isSealed(text) ? Buffer.from(vault.open(text, place)) : content;
    },
  };
}
