import type { Kysely, Transaction } from "kysely";
import type { Tx } from "./port.ts";

/** One attempt: `first` and the work in a transaction with its hooks; after-commit hooks run before this resolves. */
export async function runTransaction<R>(
  root: Kysely<unknown>,
  work: (tx: Tx) => Promise<R>,
  first?: (trx: Transaction<unknown>) => Promise<void>,
): Promise<R> {
  const before: (() => Promise<void>)[] = [];
  const after: (() => void)[] = [];
  const result = await root.transaction().execute(async (trx) => {
    await first?.(trx);
    const answer = await work({
      // The tables are the caller's own: only he knows their types.
      db: <T>() => trx as unknown as Transaction<T>,
      beforeCommit: (hook) => before.push(hook),
      afterCommit: (hook) => after.push(hook),
    });
    for (const hook of before) await hook();
    return answer;
  });
  for (const hook of after) hook();
  return result;
}
