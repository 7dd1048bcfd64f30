import { connect } from "node:net";
import { AppError, messageOf } from "#pkg/errors/errors.ts";
import { isLost } from "./errors.ts";
import { type MysqlSettings, placeOf } from "./settings.ts";

const lookMs = 1000;

/** Message and mend by the server's number. */
const refusals: Readonly<Record<number, (settings: MysqlSettings) => readonly [message: string, mend: string]>> = {
  1044: ({ user, database }) => [
    `the user "${user}" may not use it`,
    `on the server: grant all on \`${database}\`.* to '${user}'`,
  ],
  1045: ({ user, tls }) => [
    `the server refuses the user "${user}" with this password`,
    tls ? "mend user and password" : "mend user and password; one who must connect encrypted needs [storage.sql] tls",
  ],
  1049: ({ database }) => [`there is no database "${database}"`, `on the server: create database \`${database}\``],
  1129: () => ["the server has blocked this machine after failed log-ins", "on the server: flush hosts"],
  1130: () => [
    "the server lets nobody in from this machine",
    "on the server: make the user for this machine's address",
  ],
  3159: () => ["the server takes encrypted connections only", 'say [storage.sql] tls = { ca = "FILE.pem" }'],
};

/** Why a log-in failed when the node starts, with what mends it. */
export async function toStartRefusal(error: unknown, settings: MysqlSettings): Promise<AppError> {
  const [message, mend] = await explain(error, settings);
  return new AppError("config", { at: `[storage.sql] ${placeOf(settings)}`, message, mend, cause: error });
}

async function explain(error: unknown, settings: MysqlSettings): Promise<readonly [message: string, mend: string]> {
  const { errno = 0, code = "" } = error as { errno?: number; code?: string };
  const { host, port } = settings;
  const known = refusals[errno === 1698 ? 1045 : errno];
  if (known) return known(settings);
  if (isCertificate(code, messageOf(error))) {
    return [`its certificate is not trusted (${messageOf(error)})`, "mend [storage.sql.tls] ca, or host"];
  }
  if (code === "HANDSHAKE_NO_SSL_SUPPORT") {
    return ["the server does not encrypt", "give it a certificate, or take [storage.sql.tls] out"];
  }
  const isSilent = isLost(error) && (await listens(host, port));
  if (isLost(error) && !isSilent) {
    return [`no server answers (${messageOf(error)})`, `start MariaDB on ${host}:${port}, or mend host and port`];
  }
  return [`what answers is no MariaDB or MySQL server (${messageOf(error)})`, "mend host and port"];
}

function isCertificate(code: string, message: string): boolean {
  return /CERT|SELF_SIGNED|UNABLE_TO|ALTNAME/.test(code) || /certificate/i.test(message);
}

/** Whether something takes connections there, though it does not greet. */
function listens(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: lookMs });
    const end = (is: boolean) => () => {
      socket.destroy();
      resolve(is);
    };
    socket.on("connect", end(true)).on("error", end(false)).on("timeout", end(false));
  });
}
