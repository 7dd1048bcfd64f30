/**
 * Files under one root. Names are relative, `/`-separated; one that would leave the root is refused.
 * Writes are atomic (temporary file, fsync, rename, fsync of the folder).
 */
export interface FileStore {
  read(name: string): Promise<Uint8Array | undefined>;
  write(name: string, content: Uint8Array | string, mode?: number): Promise<void>;
  delete(name: string): Promise<void>;
  list(folder: string): Promise<string[]>;
  /** Keeps `content` under its SHA-256 and returns it; the same content is kept once. */
  putVersion(content: Uint8Array | string): Promise<string>;
  getVersion(hash: string): Promise<Uint8Array | undefined>;
}
