import { type FileHandle, open } from "node:fs/promises";
import { dirname } from "node:path";

/** One file of the log, open for writing. */
export interface LogFile {
  /** Writes all pieces one after the other from `position` on; rejects when not all could be written. */
  write(pieces: readonly Uint8Array[], position: number): Promise<void>;
  /** Resolves once what was written is on the medium (fdatasync). */
  sync(): Promise<void>;
  truncate(sizeBytes: number): Promise<void>;
  close(): Promise<void>;
}

/** What the log asks of the file system: small, so that a test can let it fail at any point. */
export interface Disk {
  /** Makes an empty file (or empties it) whose name is on the medium when this resolves. */
  create(path: string): Promise<LogFile>;
}

/** The machine's file system. */
export const systemDisk: Disk = {
  async create(path) {
    const file = await open(path, "w", 0o600);
    await syncFolder(dirname(path));
    return {
      write: (pieces, position) => writeAll(file, pieces, position),
      sync: () => file.datasync(),
      truncate: (sizeBytes) => file.truncate(sizeBytes),
      close: () => file.close(),
    };
  },
};

/** Makes the names in a folder survive a power cut. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** `writev` may write less than it was given (and takes 1,024 pieces at most): go on where it stopped. */
async function writeAll(file: FileHandle, pieces: readonly Uint8Array[], position: number): Promise<void> {
  let rest = pieces.filter((piece) => piece.length > 0);
  for (let at = position; rest.length > 0; ) {
    const { bytesWritten } = await file.writev(rest.slice(0, 512), at);
    at += bytesWritten;
    rest = without(rest, bytesWritten);
  }
}

function without(pieces: readonly Uint8Array[], sizeBytes: number): Uint8Array[] {
  let left = sizeBytes;
  return pieces.flatMap((piece) => {
    const skipped = Math.min(left, piece.length);
    left -= skipped;
    return skipped === piece.length ? [] : [piece.subarray(skipped)];
  });
}
