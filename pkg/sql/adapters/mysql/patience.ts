import type { MysqlPoolConnection } from "kysely";
import { AppError } from "#pkg/errors/errors.ts";
import { type MysqlSettings, placeOf } from "./settings.ts";

type Answer = (error: unknown, connection: MysqlPoolConnection) => void;

/** Answers once: after as long as a statement may take with `AppError("full")`, for all connections are busy. */
export function withPatience(answer: Answer, settings: MysqlSettings): Answer {
  let isGivenUp = false;
  const timer = setTimeout(() => {
    isGivenUp = true;
    answer(tooBusy(settings), undefined as unknown as MysqlPoolConnection); // looked at only when there is no error
  }, settings.statementTimeoutMs);
  return (error, connection) => {
    // Who asked has gone: the connection is the next one's.
    if (isGivenUp) return connection?.release();
    clearTimeout(timer);
    answer(error, connection);
  };
}

function tooBusy(settings: MysqlSettings): AppError {
  return new AppError("full", {
    at: placeOf(settings),
    message: `all ${settings.poolSize} connections have been busy for ${settings.statementTimeoutMs} ms`,
    mend: "look in the log for slow statements, or raise [storage.sql] pool_size",
    retryAfterS: 5,
  });
}
