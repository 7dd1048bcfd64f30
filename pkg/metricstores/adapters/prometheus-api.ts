import type { RemoteStoreConfig } from "../config.ts";

/** Headers of remote write 1.0. */
export const remoteWriteHeaders = {
  "content-type": "application/x-protobuf",
  "content-encoding": "snappy",
  "x-prometheus-remote-write-version": "0.1.0",
} as const;

/** Where a server of this type takes remote writes, and in front of what its query API stands. */
export function toPaths(type: RemoteStoreConfig["type"]): { write: string; query: string } {
  return type === "mimir"
    ? { write: "/api/v1/push", query: "/prometheus/api/v1" }
    : { write: "/api/v1/write", query: "/api/v1" };
}
