import type { ConnectionOptions } from "mysql2";
import type { MysqlSettings } from "./settings.ts";

/** What every connection begins with. */
export function toLogin(settings: MysqlSettings): ConnectionOptions {
  const { host, port, user, password, database, connectTimeoutMs, tls } = settings;
  const login = { host, port, user, password, database, connectTimeout: connectTimeoutMs };
  if (!tls) return login;
  return { ...login, ssl: { ca: tls.ca, rejectUnauthorized: true, verifyIdentity: true, minVersion: "TLSv1.2" } };
}
