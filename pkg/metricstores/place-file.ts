import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { AppError, messageOf } from "#pkg/errors/errors.ts";
import type { Place } from "./port.ts";

/** A store's place on disk, replaced whole: after a kill there is the old one or the new one. */
export interface PlaceFile {
  /** Undefined for a store that was never there. A file that cannot be understood says: from the log's beginning. */
  read(): Place | undefined;
  /**
   * Survives the end of the process; a power cut only with `isSynced`, else an older place is found and samples are sent
   * again. Throws `AppError("unavailable")`.
   */
  write(place: Place, options: { isSynced: boolean }): void;
  /** The store is no longer wanted. */
  remove(): void;
}

export function createPlaceFile(folder: string, name: string): PlaceFile {
  const path = join(folder, `${name}.json`);
  return {
    read() {
      try {
        return toPlace(JSON.parse(readFileSync(path, "utf8")));
      } catch (error) {
        if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
        if (error instanceof SyntaxError) return beginning;
        throw cannot(path, error);
      }
    },
    write(place, { isSynced }) {
      try {
        mkdirSync(folder, { recursive: true, mode: 0o700 });
        writeFileSync(`${path}.new`, JSON.stringify(place), { mode: 0o600, flush: isSynced });
        renameSync(`${path}.new`, path);
        if (isSynced) syncFolder(folder);
      } catch (error) {
        throw cannot(path, error);
      }
    },
    remove: () => rmSync(path, { force: true }),
  };
}

/** A new name outlives a power cut only when its folder is on disk too. */
function syncFolder(folder: string): void {
  const handle = openSync(folder, "r");
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

const beginning: Place = { position: 0, settled: 0, sent: 0, givenUp: 0, refused: 0, leftOut: 0 };

function toPlace(found: unknown): Place {
  const place = found as Partial<Place> | null;
  if (typeof place?.position !== "number" || !(place.position >= 0)) return beginning;
  const { position, settled = position, sent = 0, givenUp = 0, refused = 0, leftOut = 0 } = place;
  return { position, settled, sent, givenUp, refused, leftOut };
}

function cannot(path: string, error: unknown): AppError {
  const mend = "check the disk and the folder's rights";
  return new AppError("unavailable", { at: path, message: messageOf(error), mend, cause: error });
}
