import type { Clock } from "#pkg/clock/port.ts";
import type { SqlClient } from "#pkg/sql/port.ts";
import type { EventBus } from "../port.ts";
import { deleteLetter, markResent, readLetters } from "../store/letters.ts";

/** Looks through dead letters, sends them again, drops them: the same over every adapter, for they lie in the table. */
export function createLetterDesk(deps: {
  sql: SqlClient;
  clock: Clock;
  /** Writes what groups have given up. */
  flush(): Promise<void>;
  /** Hands out what was sent again. */
  takeResent(): Promise<void>;
}): Pick<EventBus, "deadLetters" | "resend" | "drop"> {
  const { sql, clock, flush, takeResent } = deps;
  return {
    async deadLetters(group) {
      await flush();
      return readLetters(sql, group);
    },
    async resend(group, eventId, within) {
      await flush();
      const letter = await sql.transaction(async (tx) => {
        const marked = await markResent(tx, group, eventId, clock.now());
        await within?.(tx);
        return marked;
      });
      await takeResent();
      return letter;
    },
    async drop(group, eventId, within) {
      await flush();
      return sql.transaction(async (tx) => {
        const dropped = await deleteLetter(tx, group, eventId);
        await within?.(tx);
        return dropped;
      });
    },
  };
}
