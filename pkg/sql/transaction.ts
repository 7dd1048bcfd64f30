import type { Kysely, Transaction } from "kysely";
import type { Tx } from "./port.ts";

/** What an adapter adds to a transaction. */
export interface TransactionFrame {
  /** First statements, before the work. */
  first?(trx: Transaction<unknown>): Promise<void>;
  /**
   * The commit has failed with `error`. Resolves when it was done all the same; else throws what the caller is told.
   * While that cannot be found out, it throws, and calls `late` once it is known that the commit was done.
   */
  settle?(error: unknown, late: () => void): Promise<void>;
}

/** One attempt: the work in a transaction with its hooks; after-commit hooks run before this resolves. */
export async function runTransaction<R>(
  root: Kysely<unknown>,
  work: (tx: Tx) => Promise<R>,
  { first, settle }: TransactionFrame = {},
): Promise<R> {
  const before: (() => Promise<void>)[] = [];
  const after: (() => void)[] = [];
  const runAfter = () => {
    for (const hook of after) hook();
  };
  let done: { answer: R } | undefined;
  try {
    await root.transaction().execute(async (trx) => {
      await first?.(trx);
      const answer = await work({
        // The tables are the caller's own: only he knows their types.
        db: <T>() => trx as unknown as Transaction<T>,
        beforeCommit: (hook) => before.push(hook),
        afterCommit: (hook) => after.push(hook),
      });
      for (const hook of before) await hook();
      done = { answer };
    });
  } catch (error) {
    if (!done || !settle) throw error;
    await settle(error, runAfter);
  }
  if (!done) throw new Error("a transaction ended without its work");
  runAfter();
  return done.answer;
}
