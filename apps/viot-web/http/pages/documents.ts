import { readFile } from "node:fs/promises";
import path from "node:path";

/** The documents under `docs/`, for people at a site without a way out. */
export interface Documents {
  /** Markdown of `docs/<name>.md`; undefined when there is none. */
  read(name: string): Promise<string | undefined>;
}

/** `root` is the checkout. Names are plain words: no path leads out of the folder. */
export function openDocuments(root: string): Documents {
  return {
    async read(name) {
      if (!/^[a-z]+(-[a-z]+)*$/.test(name)) return undefined;
      try {
        return await readFile(path.join(root, "docs", `${name}.md`), "utf8");
      } catch (error) {
        if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
        throw error;
      }
    },
  };
}
