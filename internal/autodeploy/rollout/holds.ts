import type { Clock } from "#pkg/clock/port.ts";
import type { SqlClient } from "#pkg/sql/port.ts";
import type { RolloutTables } from "./tables.ts";

/** What was refused waits before it is tried again, ever longer; when it has changed, it is tried at once. */
export interface Holds {
  /** Whether `subject` is held for this very `mark`. */
  isHeld(subject: string, mark: string): Promise<boolean>;
  /** Refused again: 1 min, doubled each time up to 1 h. */
  add(subject: string, mark: string): Promise<void>;
  /** Refused by a person: not before the mark changes or somebody asks. */
  addForGood(subject: string, mark: string): Promise<void>;
  clear(subject: string): Promise<void>;
}

const firstMs = 60_000;
const mostMs = 3_600_000;

/** Holds in the database: a restart does not try everything again at once. */
export function createHolds({ sql, clock }: { sql: SqlClient; clock: Clock }): Holds {
  const find = (subject: string) =>
    sql.db<RolloutTables>().selectFrom("rollout_holds").selectAll().where("subject", "=", subject).executeTakeFirst();
  const put = (row: RolloutTables["rollout_holds"]) =>
    sql.transaction(async (tx) => {
      await tx.db<RolloutTables>().deleteFrom("rollout_holds").where("subject", "=", row.subject).execute();
      await tx.db<RolloutTables>().insertInto("rollout_holds").values(row).execute();
    });
  return {
    async isHeld(subject, mark) {
      const hold = await find(subject);
      return hold !== undefined && hold.mark === mark && (hold.until === null || hold.until > clock.now());
    },
    async add(subject, mark) {
      const attempts = ((await find(subject))?.attempts ?? 0) + 1;
      await put({ subject, mark, attempts, until: clock.now() + Math.min(mostMs, firstMs * 2 ** (attempts - 1)) });
    },
    addForGood: (subject, mark) => put({ subject, mark, attempts: 1, until: null }),
    async clear(subject) {
      await sql.db<RolloutTables>().deleteFrom("rollout_holds").where("subject", "=", subject).execute();
    },
  };
}

/** The subject of a device's hold. */
export function deviceSubject(deviceKey: string): string {
  return `device ${deviceKey}`;
}

/** The subject of a unit's hold. */
export function unitSubject(unitId: string): string {
  return `unit ${unitId}`;
}
