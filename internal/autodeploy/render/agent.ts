import { ingestTokenVariable, ingestUrlVariable, type RenderSettings, toTelegrafDuration } from "./settings.ts";
import { fromEnvironment, type TomlTable } from "./toml.ts";

/** `telegraf.conf` of a unit: agent, the way back to the node, the splitting of field names, Telegraf's own metrics. */
export function toAgentTable(unitId: string, settings: RenderSettings): TomlTable {
  return {
    agent: agent(settings),
    outputs: { influxdb_v2: [output()] },
    processors: {
      starlark: [{ source: settings.splitScript, tagpass: { device: ["*"] } }],
    },
    inputs: { internal: [{ interval: toTelegrafDuration(settings.intervalMs), tags: { unit: unitId } }] },
  };
}

function agent(settings: RenderSettings): TomlTable {
  return {
    interval: toTelegrafDuration(settings.intervalMs),
    // Rounded times would send all units' requests in the same moment; jitter spreads those of one unit.
    round_interval: false,
    // By itself Telegraf rounds the times of points to whole seconds: a point may then look older than its rollout.
    precision: "1ms",
    collection_jitter: toTelegrafDuration(collectionJitterMs(settings)),
    flush_interval: "1s",
    flush_jitter: "0s",
    metric_batch_size: settings.batchSize,
    metric_buffer_limit: settings.bufferLimit,
    omit_hostname: true,
    skip_processors_after_aggregators: true,
  };
}

/** How much later than its interval a device may be read, so that not all are asked at once. */
export function collectionJitterMs(settings: RenderSettings): number {
  return Math.min(1000, Math.floor(settings.intervalMs / 10));
}

function output(): TomlTable {
  return {
    urls: [fromEnvironment(ingestUrlVariable)],
    token: fromEnvironment(ingestTokenVariable),
    organization: "detectviz",
    bucket: "detectviz",
    timeout: "5s",
    content_encoding: "gzip",
  };
}
