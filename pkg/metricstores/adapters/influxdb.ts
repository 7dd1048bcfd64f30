import { promisify } from "node:util";
import { gzip } from "node:zlib";
import type { SeriesCatalogue } from "#pkg/tsdb/port.ts";
import type { RemoteStoreConfig } from "../config.ts";
import type { HttpClient } from "../http-client.ts";
import { createLineWriter } from "../line-protocol.ts";
import { toAway, toOutcome } from "../outcome.ts";
import type { RemoteStore } from "../port.ts";
import { checkInfluxDb } from "./influxdb-check.ts";
import { createInfluxQlReader } from "./influxql-reader.ts";

const zip = promisify(gzip);

export interface InfluxDbDeps {
  config: RemoteStoreConfig;
  http: HttpClient;
  catalogue: Pick<SeriesCatalogue, "describe">;
}

/**
 * InfluxDB by its v1 or v2 API; v3 by the v2 write API and the v1 query API that it keeps. Writes line protocol,
 * zipped, times in ms; measurements, fields and kinds are as they came in. Asks by InfluxQL.
 */
export function createInfluxDb({ config, http, catalogue }: InfluxDbDeps): RemoteStore {
  const encode = createLineWriter(catalogue);
  const path = toWritePath(config);
  return {
    address: config.url,
    // InfluxDB syncs its log first; others that speak the v2 API (VictoriaMetrics) do not.
    forgetsMs: config.type === "influxdb_v2" ? 15_000 : 0,
    async write(rows, from, to) {
      const { bytes, samples, leftOut } = encode(rows, from, to);
      if (samples === 0) return { outcome: { kind: "taken" }, leftOut };
      const body = await zip(bytes, { level: 1 });
      const headers = { "content-type": "text/plain; charset=utf-8", "content-encoding": "gzip" };
      const outcome = await http.send("POST", path, { body, headers }).then(toOutcome, toAway);
      return { outcome, leftOut };
    },
    check: () => checkInfluxDb(config, http),
    ...createInfluxQlReader(config, http),
    close: http.close,
  };
}

function toWritePath({ type, database, bucket, org }: RemoteStoreConfig): string {
  if (type === "influxdb_v1") return `/write?${new URLSearchParams({ db: database, precision: "ms" })}`;
  const place = type === "influxdb_v3" ? { bucket: database } : { bucket, org };
  return `/api/v2/write?${new URLSearchParams({ ...place, precision: "ms" })}`;
}
