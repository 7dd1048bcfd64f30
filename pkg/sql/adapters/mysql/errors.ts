import { AppError, messageOf } from "#pkg/errors/errors.ts";
import { type MysqlSettings, placeOf } from "./settings.ts";

/** The server's numbers for work that met other work: the same transaction may pass the next time. */
const conflicts = new Set([1205, 1213]);
/** Too many connections, shutting down, gone, killed, read-only, idle for too long. */
const unavailable = new Set([1040, 1053, 1290, 1836, 1927, 2006, 2013, 4031]);
/** The server turns our log-in down: password, rights, account locked, host blocked, no such database, encryption. */
const refusals = new Set([1044, 1045, 1049, 1129, 1130, 1227, 1698, 3118, 3159, 4151]);
/** Disk or table space. */
const full = new Set([1021, 1041, 1114]);
const lostCodes = /^(ECONN|EPIPE|ETIMEDOUT|EHOST|ENET|ENOTFOUND|EAI_|PROTOCOL_(CONNECTION_LOST|SEQUENCE_TIMEOUT))/;

/** The connection broke during the commit: nobody knows whether the work was done, so it must not run again. */
export class CommitInDoubt extends AppError {}

/** Whether the server turned the work down because of other work at the same time. */
export function isConflict(error: unknown): boolean {
  return conflicts.has(numberOf(error));
}

/** Whether the connection is gone, or was never there. */
export function isLost(error: unknown): boolean {
  const { code, message } = toFailure(error);
  return lostCodes.test(code) || unavailable.has(numberOf(error)) || /closed state/.test(message);
}

/** `during` a commit or a single statement nobody knows whether it was done. Other errors come back without values. */
export function toAppError(error: unknown, settings: MysqlSettings, during: "work" | "commit" | "connect"): unknown {
  if (error instanceof AppError || !(error instanceof Error)) return error;
  Reflect.deleteProperty(error, "sql"); // the statement with its values, passwords too
  const at = placeOf(settings);
  if (full.has(numberOf(error))) {
    return new AppError("full", { at, message: messageOf(error), mend: "make room on the server", cause: error });
  }
  if (isConflict(error)) {
    const mend = "try again; if it stays so, look what else works on this database";
    return new AppError("unavailable", { at, message: messageOf(error), mend, retryAfterS: 1, cause: error });
  }
  if (during === "connect" && !isLost(error)) return toRefusal(error, settings);
  if (!isLost(error)) return error;
  const message = `the server does not answer (${messageOf(error)})`;
  const mend = "look whether MariaDB runs there; work goes on by itself when it answers";
  const shared = { at, mend, retryAfterS: 5, cause: error };
  if (during !== "commit") return new AppError("unavailable", { ...shared, message });
  return new CommitInDoubt("unavailable", {
    ...shared,
    message: `${message}; whether the change was made is not known`,
  });
}

/** A transaction whose connection was lost at its commit, and that was not done; with the loss as cause it may run again. */
export function toUndone(settings: MysqlSettings, doubt?: CommitInDoubt): AppError {
  return new AppError("unavailable", {
    at: placeOf(settings),
    message: "the server does not answer; the change was not made",
    mend: "look whether MariaDB runs there; work goes on by itself when it answers",
    retryAfterS: 5,
    cause: doubt?.cause,
  });
}

/** While the node runs: somebody changed the server, and may change it back. */
function toRefusal(error: Error, settings: MysqlSettings): AppError {
  const isLogin = refusals.has(numberOf(error));
  return new AppError("unavailable", {
    at: placeOf(settings),
    message: isLogin
      ? `the server refuses the log-in of "${settings.user}" (${messageOf(error)})`
      : `no connection can be opened (${messageOf(error)})`,
    mend: isLogin
      ? "give the user back password and rights on the server, or mend [storage.sql] and restart the node"
      : "look what answers there; work goes on by itself when MariaDB does",
    retryAfterS: 5,
    cause: error,
  });
}

function numberOf(error: unknown): number {
  return toFailure(error).errno;
}

function toFailure(error: unknown): { code: string; errno: number; message: string } {
  const failure = error instanceof AppError ? error.cause : error;
  const { code, errno } = (failure ?? {}) as { code?: string; errno?: number };
  return { code: code ?? "", errno: errno ?? 0, message: messageOf(failure) };
}
