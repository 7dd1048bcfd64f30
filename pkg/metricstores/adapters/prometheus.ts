import { compress } from "snappyjs";
import type { SeriesCatalogue } from "#pkg/tsdb/port.ts";
import type { RemoteStoreConfig } from "../config.ts";
import type { HttpClient } from "../http-client.ts";
import { toAway, toOutcome } from "../outcome.ts";
import type { RemoteStore } from "../port.ts";
import { createRemoteWriter } from "../remote-write.ts";
import { remoteWriteHeaders, toPaths } from "./prometheus-api.ts";
import { checkPrometheus } from "./prometheus-check.ts";
import { createPromQlReader } from "./promql-reader.ts";

export interface PrometheusDeps {
  config: RemoteStoreConfig;
  http: HttpClient;
  catalogue: Pick<SeriesCatalogue, "describe">;
}

/**
 * VictoriaMetrics, Prometheus and Mimir: remote write in, PromQL out. Series have the names and labels that the node's
 * own queries show. All values are floats there: integers beyond 2^53 lose digits, texts are left out.
 */
export function createPrometheus({ config, http, catalogue }: PrometheusDeps): RemoteStore {
  const encode = createRemoteWriter(catalogue);
  const paths = toPaths(config.type);
  return {
    address: config.url,
    // VictoriaMetrics has no log: what came in lately is in memory only.
    forgetsMs: config.type === "victoriametrics" ? 15_000 : 0,
    async write(rows, from, to) {
      const { bytes, samples, leftOut } = encode(rows, from, to);
      if (samples === 0) return { outcome: { kind: "taken" }, leftOut };
      const body = compress(bytes);
      const outcome = await http
        .send("POST", paths.write, { body, headers: remoteWriteHeaders })
        .then(toOutcome, toAway);
      return { outcome, leftOut };
    },
    check: () => checkPrometheus(config, http),
    ...createPromQlReader(paths.query, http),
    close: http.close,
  };
}
