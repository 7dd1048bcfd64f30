import { AppError, messageOf } from "#pkg/errors/errors.ts";

const leastMajor = 7;

/** What a connection failed of, as one error that names the place and the mend. */
export function toRedisFault(error: unknown, at: string): AppError {
  const message = messageOf(error);
  const refusal = (detail: string, mend: string) => new AppError("config", { at, message: detail, mend, cause: error });
  if (/^(WRONGPASS|ERR AUTH)/.test(message)) {
    return refusal("the server refuses this user or password", "mend user and password");
  }
  if (/^NOAUTH/.test(message)) return refusal("the server asks for a password", "set password");
  if (/^NOPERM/.test(message))
    return refusal(`the user may not do this (${message})`, "give it the rights: ACL SETUSER");
  if (/unknown command/i.test(message)) {
    return refusal(
      `the server does not speak our protocol (${message})`,
      `use Redis ${leastMajor} or newer, or mend the URL`,
    );
  }
  if (/Unknown RESP|Cannot read|Protocol error/i.test(message)) {
    return refusal(`what answers is no Redis server (${message})`, "mend the URL");
  }
  const detail = message === "" ? codeOf(error) : message; // of both address families at once only the code is told
  return new AppError("unavailable", {
    at,
    message: `no Redis answers (${detail})`,
    mend: "start the server, or mend the URL",
    cause: error,
  });
}

/** Of `HELLO`: undefined when the server fits. */
export function findUnfit(
  { server, version }: { server: unknown; version: unknown },
  at: string,
): AppError | undefined {
  const unfit = (message: string, mend: string) => new AppError("config", { at, message, mend });
  if (server !== "redis" && server !== "valkey") return unfit(`what answers is ${server}, no Redis`, "mend the URL");
  if (Number.parseInt(String(version), 10) >= leastMajor) return undefined;
  return unfit(`the server is too old (Redis ${version})`, `use Redis ${leastMajor} or newer`);
}

const codeOf = (error: unknown) => (error instanceof Error && "code" in error ? String(error.code) : "closed");
