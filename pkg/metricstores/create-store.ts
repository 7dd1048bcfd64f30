import type { SeriesCatalogue } from "#pkg/tsdb/port.ts";
import { createInfluxDb } from "./adapters/influxdb.ts";
import { createPrometheus } from "./adapters/prometheus.ts";
import type { RemoteStoreConfig } from "./config.ts";
import { createHttpClient } from "./http-client.ts";
import { toLoginHeaders } from "./login.ts";
import type { RemoteStore } from "./port.ts";

/** The adapter that the configuration names. Throws `AppError("config")` when a file of `tls` cannot be read. */
export function createRemoteStore(
  config: RemoteStoreConfig,
  catalogue: Pick<SeriesCatalogue, "describe">,
  timeoutMs: number,
): RemoteStore {
  const http = createHttpClient({ url: config.url, headers: toLoginHeaders(config), timeoutMs, tls: config.tls });
  const create = config.type.startsWith("influxdb") ? createInfluxDb : createPrometheus;
  return create({ config, http, catalogue });
}
