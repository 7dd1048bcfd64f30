/** What every rendered file has in common; the same for all units of a node. */
export interface RenderSettings {
  /** How often each device is read. */
  intervalMs: number;
  batchSize: number;
  /** Points a unit keeps in memory while the node does not answer. */
  bufferLimit: number;
  modbusPauseAfterConnectMs: number;
  modbusPauseBetweenRequestsMs: number;
  /** Text of `split_parts.star`. */
  splitScript: string;
}

/** Names of the variables that Telegraf's environment brings: they stay out of files, snapshots and diffs. */
export const ingestUrlVariable = "DETECTVIZ_INGEST_URL";
export const ingestTokenVariable = "DETECTVIZ_INGEST_TOKEN";

/** Telegraf's text for a duration. */
export function toTelegrafDuration(durationMs: number): string {
  return durationMs % 1000 === 0 ? `${durationMs / 1000}s` : `${Math.round(durationMs)}ms`;
}
