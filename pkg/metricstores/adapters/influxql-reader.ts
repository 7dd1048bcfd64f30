import type { RemoteStoreConfig } from "../config.ts";
import type { HttpClient } from "../http-client.ts";
import type { RemoteReader } from "../port.ts";

/** Asks by InfluxQL. */
export function createInfluxQlReader(_config: RemoteStoreConfig, _http: HttpClient): RemoteReader {
  return {
    read: async () => [],
    series: async () => [],
  };
}
