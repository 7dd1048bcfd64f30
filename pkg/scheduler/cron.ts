import { Cron } from "croner";
import { AppError, messageOf } from "#pkg/errors/errors.ts";
import type { Timetable } from "./port.ts";

/** When the timetable comes next after a time (UTC ms). Throws `AppError("bad_request")` when it never does or is none. */
export function nextAfter({ cron, timeZone }: Timetable, afterMs: number): number {
  const next = compute(cron, timeZone, afterMs);
  if (next) return next.getTime();
  throw new AppError("bad_request", {
    message: `"${cron}" never fires`,
    mend: 'look at day and month: "0 3 30 2 *" asks for a 30th of February',
  });
}

function compute(cron: string, timeZone: string, afterMs: number): Date | null {
  try {
    const options = { mode: "5-or-6-parts", fixedTimeRule: "no-wildcard" } as const;
    const zone = timeZone === "" ? {} : { timezone: timeZone };
    return new Cron(cron, { ...options, ...zone }).nextRun(new Date(afterMs));
  } catch (error) {
    const isZone = messageOf(error).includes("timezone");
    throw new AppError("bad_request", {
      message: isZone ? `there is no time zone "${timeZone}"` : `"${cron}" is no cron text: ${messageOf(error)}`,
      mend: isZone ? 'write for example "Asia/Taipei"' : 'write for example "0 3 * * *": every night at three',
      cause: error,
    });
  }
}
