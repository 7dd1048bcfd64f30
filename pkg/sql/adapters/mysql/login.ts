import { isIP } from "node:net";
import { checkServerIdentity, TLSSocket } from "node:tls";
import type { ConnectionOptions } from "mysql2";
import type { MysqlSettings } from "./settings.ts";

/** What every connection begins with. */
export function toLogin(settings: MysqlSettings): ConnectionOptions {
  const { host, port, user, password, database, connectTimeoutMs, tls } = settings;
  const login = { host, port, user, password, database, connectTimeout: connectTimeoutMs };
  if (!tls) return login;
  // The driver compares the certificate of an address with "localhost": `createFindImpostor` does it instead.
  const verifyIdentity = isIP(host) === 0;
  return { ...login, ssl: { ca: tls.ca, rejectUnauthorized: true, verifyIdentity, minVersion: "TLSv1.2" } };
}

/** Says what is wrong with the certificate of an open connection for the address that we asked for. */
export type FindImpostor = (connection: { stream: unknown }) => Error | undefined;

/** For the connections of one client: one that goes on a session of before is as good as the one that began it. */
export function createFindImpostor({ host, tls }: MysqlSettings): FindImpostor {
  let last: Error | undefined;
  return ({ stream }) => {
    if (!tls || isIP(host) === 0) return undefined;
    if (!(stream instanceof TLSSocket)) return new Error("the connection is not encrypted");
    if (!stream.isSessionReused()) last = checkServerIdentity(host, stream.getPeerCertificate());
    return last;
  };
}
