import type { Kysely, Transaction as KyselyTransaction } from "kysely";

/** A transaction with what must happen around its commit. */
export interface Tx {
  /** Typed query builder inside this transaction; `T` is the caller's own tables. */
  db<T>(): KyselyTransaction<T>;
  /** Runs inside the transaction just before it commits; a throw rolls all back. In order of registration. */
  beforeCommit(work: () => Promise<void>): void;
  /** Runs once after the commit is on disk, in order of commit, never after a rollback. Must not throw. */
  afterCommit(work: () => void): void;
}

/** The schema, held for this node alone. */
export interface SchemaChange {
  db: Kysely<unknown>;
  /** True: a throw leaves the schema as it was. False: every statement stands by itself (MariaDB, MySQL). */
  atomic: boolean;
}

/**
 * The relational store (Kysely): one `node:sqlite` file, or a database of a MariaDB or MySQL server.
 *
 * - A resolved statement outside a transaction, and a resolved transaction, are on disk (SQLite: WAL, synchronous FULL;
 *   server: its `innodb_flush_log_at_trx_commit` is 1, which is checked at the start).
 * - Transactions are serialised: one at a time over all nodes of one database, in each process in the order in which
 *   they were asked for. What a transaction read, nobody else changes before its end. One that throws is rolled back
 *   whole.
 * - `work` may run again from its beginning (deadlock, lock timeout, a connection lost before the commit), so before
 *   the commit it must change nothing but through its `tx`. Bounded: after 5 attempts or 15 s `AppError("unavailable")` or `"conflict"`.
 * - A reader sees what was committed before its statement began, never half of a transaction.
 * - A server that is away, or refuses our log-in: `AppError("unavailable")`, retryable. When the connection breaks during
 *   a commit, how it ended is found out: what was done resolves, what was not runs again. Where that takes more than 5 s
 *   the caller hears that it is not known; the after-commit hooks of what was done still run, before any later ones. A
 *   single statement whose connection breaks is not known either; the message says so.
 * - Pool: who waits longer for a connection than a statement may take gets `AppError("full")`.
 * - `insertId` of an insert of several rows is the last row's; they are numbered without gaps, and ever higher in order
 *   of commit.
 * - Text is compared and ordered by code points, case and trailing spaces count; `lower()` knows all of Unicode.
 * - Booleans are 0 and 1, integers have 64 bits, those above 2^53 are refused on read. NaN is stored as null, objects
 *   and infinities are refused. Times are integers (UTC ms), JSON is text.
 * - A statement that takes longer than 200 ms is logged, without its values.
 */
export interface SqlClient {
  /** Typed query builder outside any transaction; each statement commits by itself. */
  db<T>(): Kysely<T>;
  transaction<R>(work: (tx: Tx) => Promise<R>): Promise<R>;
  /** Changes the schema while no other node does; waits for it up to 60 s, then `AppError("conflict")`. */
  changeSchema<R>(work: (schema: SchemaChange) => Promise<R>): Promise<R>;
  /** Consistent copy of the running database into `file`, always a SQLite database. */
  backup(file: string): Promise<void>;
  /** Throws when the database does not answer within 3 s. */
  ping(): Promise<void>;
  close(): Promise<void>;
}
