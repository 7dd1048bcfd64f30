import { ownMeasurement, type SampleBatch, type Tags } from "#pkg/contracts/samples.ts";
import type { SeriesCatalogue } from "#pkg/tsdb/port.ts";

/** What the node knows of itself at one moment. */
export interface SelfFacts {
  atMs: number;
  /** Unit id → its process runs. Only units that should run. */
  units: readonly { id: string; up: boolean }[];
  /** Devices that Telegraf reads now; `silent` only when other data came after theirs, so that one cause gives one alert. */
  devices: readonly { key: string; name: string; silent: boolean }[];
  /** Seconds that the node ran since Telegraf last wrote anything, 0 while no device is deployed or every unit is down. */
  ingestIdleS: number;
}

/**
 * The node's own samples, judged by rules like any other: "Telegraf stopped", "device silent" and "no data at all"
 * are three rules over `detectviz_telegraf_unit_up`, `detectviz_device_silent` and `detectviz_ingest_idle_seconds`.
 */
export function toSelfBatch(catalogue: SeriesCatalogue, facts: SelfFacts): SampleBatch {
  const samples: { tags: Tags; field: string; value: number }[] = [
    ...facts.units.map(({ id, up }) => ({
      tags: [["unit", id]] as const,
      field: "telegraf_unit_up",
      value: up ? 1 : 0,
    })),
    ...facts.devices.map(({ key, name, silent }) => ({
      tags: [["device", key] as const, ["name", name] as const],
      field: "device_silent",
      value: silent ? 1 : 0,
    })),
    { tags: [], field: "ingest_idle_seconds", value: facts.ingestIdleS },
  ];
  const floats = {
    length: samples.length,
    series: Uint32Array.from(samples, ({ tags, field }) => catalogue.intern(ownMeasurement, tags, field, "float")),
    timeMs: new Float64Array(samples.length).fill(facts.atMs),
    value: Float64Array.from(samples, ({ value }) => value),
  };
  return { floats, ints: emptyInts(), bools: emptyBools(), strings: emptyStrings() };
}

const none = () => ({ length: 0, series: new Uint32Array(0), timeMs: new Float64Array(0) });
const emptyInts = () => ({ ...none(), value: new BigInt64Array(0) });
const emptyBools = () => ({ ...none(), value: new Uint8Array(0) });
const emptyStrings = () => ({ ...none(), value: [] });
