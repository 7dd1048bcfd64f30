import type { Kysely, Transaction as KyselyTransaction } from "kysely";

/** A transaction with what must happen around its commit. */
export interface Tx {
  /** Typed query builder inside this transaction; `T` is the caller's own tables. */
  db<T>(): KyselyTransaction<T>;
  /** Runs inside the transaction just before it commits; a throw rolls all back. In order of registration. */
  beforeCommit(work: () => Promise<void>): void;
  /** Runs once after the commit is on disk, never after a rollback. Must not throw. */
  afterCommit(work: () => void): void;
}

/**
 * The relational store (Kysely). Embedded: one `node:sqlite` file, WAL, synchronous FULL: a commit is on disk.
 *
 * Transactions are serialised; one that throws is rolled back whole. Integers above 2^53 are refused on read.
 * Times are stored as integers (UTC ms), JSON as text.
 */
export interface SqlClient {
  /** Typed query builder outside any transaction; each statement commits by itself. */
  db<T>(): Kysely<T>;
  transaction<R>(work: (tx: Tx) => Promise<R>): Promise<R>;
  /** Consistent copy of the running database into `file`. */
  backup(file: string): Promise<void>;
  /** Throws when the database does not answer. */
  ping(): Promise<void>;
  close(): Promise<void>;
}
