/** What is known of a file without its content. */
export interface FileMetadata {
  sizeBytes: number;
  /** UTC ms. */
  modifiedAt: number;
  /** SHA-256 of the content, hex. */
  hash: string;
}

/** One kept content of a file, known by the SHA-256 of what was kept. */
export interface FileVersion {
  hash: string;
  /** When it was kept first, UTC ms. */
  at: number;
  /** Why, or by whom. */
  note: string | null;
}

/** A file held for one holder until its lease ends. */
export interface FileLock {
  name: string;
  /** Grows with each holder of this file: proof of who came later. */
  fence: number;
  /** Prolongs the lease; throws `AppError("conflict")` when it has ended and another took the file. */
  renew(): Promise<void>;
  /** Gives the file back; nothing happens when it is lost already. */
  release(): Promise<void>;
}

export interface WriteOptions {
  /** Rights of the file; 0o640 when absent. */
  mode?: number;
  /** Of this very file. */
  lock?: FileLock;
  /** Only over this content (SHA-256; null: only when there is no such file); else `AppError("conflict")`. */
  ifHash?: string | null;
}

/**
 * Versions of files: contents kept once under their SHA-256, read-only, and a list for each name. A version is there
 * for ever; two names may share a content.
 */
export interface FileVersions {
  /** Keeps `content` as a version of `name`, whether or not there is such a file; the same content is kept once. */
  keep(name: string, content: Uint8Array | string, note?: string | null): Promise<string>;
  /** Newest first. */
  list(name: string): Promise<FileVersion[]>;
  /** Undefined when `name` never had it. Throws `AppError("unavailable")` when the disk has lost or changed it. */
  read(name: string, hash: string): Promise<Uint8Array | undefined>;
}

/**
 * Files under one root.
 *
 * - Names are relative and `/`-separated. Refused with `AppError("bad_request")`: what would leave the root or could
 *   (`..`, absolute, NUL and other control characters, `\`, symbolic links, pipes and devices), names that are not
 *   in Unicode's composed form (two names, one look), parts over 200 bytes, and the store's own (`.versions`). Case
 *   counts; nothing is decoded: `%2e%2e` is a name like others.
 * - Writes are atomic and on disk when they resolve: a reader sees the old or the new content, also after a crash.
 *   One that fails leaves the old content; what one that was killed leaves beside it is in no list, and goes at a start
 *   ten minutes later or more.
 * - A lock has a lease of 30 s at most unless it is renewed. While it stands nobody else writes, deletes or locks the
 *   file: `AppError("conflict")`. A holder whose lease ran out may still write until another has taken the lock; from
 *   then on his writes are refused, however late they come. Locks are rows of the database, so they hold over all nodes
 *   that share it and these files.
 */
export interface FileStore {
  read(name: string): Promise<Uint8Array | undefined>;
  write(name: string, content: Uint8Array | string, options?: WriteOptions): Promise<void>;
  delete(name: string, options?: Pick<WriteOptions, "lock">): Promise<void>;
  /** Names of the files in a folder, sorted; neither folders nor what is still being written. */
  list(folder: string): Promise<string[]>;
  /** Undefined when there is no such file. */
  stat(name: string): Promise<FileMetadata | undefined>;
  /** A mark that is another one when the file was written, by whomever; reads no content. Null: no such file. */
  stamp(name: string): Promise<string | null>;
  /** `holder` is told to those who are refused. */
  lock(name: string, holder: string, leaseMs?: number): Promise<FileLock>;
  versions: FileVersions;
  /** Unified diff of two versions of a text; empty when they are equal. Throws `AppError("not_found")`. */
  diff(name: string, from: string, to: string): Promise<string>;
  /** Writes a version's content to the file; what stood there is kept as a version before. Throws `AppError("not_found")`. */
  restore(name: string, hash: string, options?: WriteOptions): Promise<void>;
}
