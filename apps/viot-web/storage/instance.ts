import { createHash } from "node:crypto";
import { hostname } from "node:os";
import { resolve } from "node:path";

/**
 * What a node is known by in the database: the same over restarts, and no other's, for one process at a time works in a
 * data folder. 64 characters.
 */
export function instanceOf(dataFolder: string): string {
  return createHash("sha256")
    .update(`${hostname()}:${resolve(dataFolder)}`)
    .digest("hex");
}
