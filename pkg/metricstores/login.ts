import type { RemoteStoreConfig } from "./config.ts";

/** Headers that say who we are and, on Mimir, for whom. */
export function toLoginHeaders(config: RemoteStoreConfig): Record<string, string> {
  const headers: Record<string, string> = {};
  if (config.token) headers["authorization"] = `${config.type === "influxdb_v2" ? "Token" : "Bearer"} ${config.token}`;
  else if (config.username)
    headers["authorization"] = `Basic ${Buffer.from(`${config.username}:${config.password}`).toString("base64")}`;
  if (config.type === "mimir" && config.tenant) headers["x-scope-orgid"] = config.tenant;
  return headers;
}
