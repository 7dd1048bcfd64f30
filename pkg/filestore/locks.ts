import type { Clock } from "#pkg/clock/port.ts";
import { AppError } from "#pkg/errors/errors.ts";
import type { SqlClient, Tx } from "#pkg/sql/port.ts";
import type { FileLock } from "./port.ts";
import type { FileTables } from "./tables.ts";

const longestLeaseMs = 30_000;

export interface LocksDeps {
  sql: SqlClient;
  clock: Clock;
}

/** Leases of files, as rows. */
export interface Locks {
  take(name: string, holder: string, leaseMs?: number): Promise<FileLock>;
  /** Runs `change` while nobody can take the file; refuses when another holds it, or `lock` is no longer the last. */
  guard(name: string, lock: FileLock | undefined, change: () => void): Promise<void>;
}

export function createLocks({ sql, clock }: LocksDeps): Locks {
  const find = (tx: Tx, name: string) =>
    tx.db<FileTables>().selectFrom("file_locks").selectAll().where("name", "=", name).executeTakeFirst();
  const hold = async (tx: Tx, row: FileTables["file_locks"]) => {
    const { name, ...set } = row;
    const { numUpdatedRows } = await tx
      .db<FileTables>()
      .updateTable("file_locks")
      .set(set)
      .where("name", "=", name)
      .executeTakeFirst();
    if (numUpdatedRows === 0n) await tx.db<FileTables>().insertInto("file_locks").values(row).execute();
  };
  /** Changes the end of a lease that is still the last one; false when another came after it. */
  const extend = (name: string, fence: number, leaseUntil: number) =>
    sql.transaction(async (tx) => {
      const row = await find(tx, name);
      if (row?.fence !== fence) return false;
      await hold(tx, { ...row, lease_until: leaseUntil });
      return true;
    });

  return {
    async take(name, holder, leaseMs = longestLeaseMs) {
      if (!(leaseMs > 0 && leaseMs <= longestLeaseMs)) throw new RangeError(`a lease has 1 ms to ${longestLeaseMs} ms`);
      const fence = await sql.transaction(async (tx) => {
        const row = await find(tx, name);
        if (row && row.lease_until > clock.now()) throw held(name, row);
        const next = (row?.fence ?? 0) + 1;
        await hold(tx, { name, fence: next, holder: holder.slice(0, 200), lease_until: clock.now() + leaseMs });
        return next;
      });
      return {
        name,
        fence,
        async renew() {
          if (!(await extend(name, fence, clock.now() + leaseMs))) throw lost(name);
        },
        async release() {
          await extend(name, fence, 0);
        },
      };
    },
    guard: (name, lock, change) =>
      sql.transaction(async (tx) => {
        if (lock && lock.name !== name) throw new RangeError(`the lock of "${lock.name}" does not open "${name}"`);
        const row = await find(tx, name);
        if (lock && row?.fence !== lock.fence) throw lost(name);
        if (!lock && row && row.lease_until > clock.now()) throw held(name, row);
        change();
      }),
  };
}

function held(name: string, { holder, lease_until }: FileTables["file_locks"]): AppError {
  return new AppError("conflict", {
    at: name,
    message: `"${holder}" holds the file until ${new Date(lease_until).toISOString()}`,
    mend: "try again after that",
  });
}

function lost(name: string): AppError {
  return new AppError("conflict", {
    at: name,
    message: "the lock was lost: its lease ran out and another has taken the file",
    mend: "read the file again and begin anew; renew a lock while the work takes long",
  });
}
