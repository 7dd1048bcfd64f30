import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "#pkg/clock/clock.ts";
import type { SampleBatch } from "#pkg/contracts/samples.ts";
import { openTsdb } from "#pkg/tsdb/adapters/embedded.ts";
import type { MetricStore } from "#pkg/tsdb/port.ts";

/**
 * How fast the embedded store takes what ingest hands it: batches of 5,000 lines with 20 fields (100,000 values), each
 * on disk before the next of its connection. Prints one JSON line. Usage: `node bench/tsdb.ts [batches] [connections]`.
 */
const lines = 5000;
const fields = 20;
const devices = 500;
const batches = Number(process.argv[2] ?? 100);
const connections = Number(process.argv[3] ?? 2);
const startMs = Date.UTC(2024, 0, 1);

const folder = mkdtempSync(join(tmpdir(), "detectviz-bench-"));
const store = await openTsdb({ folder, clock: systemClock });
try {
  const ids = internAll(store);
  const made = Array.from({ length: batches }, (_, i) => makeBatch(ids, i));
  const began = performance.now();
  const ackMs = await appendAll(store, made);
  const seconds = (performance.now() - began) / 1000;
  const samples = batches * lines * fields;
  const cpu = process.cpuUsage();
  await store.seal?.();
  const { diskBytes } = store.stats();
  const settledS = (performance.now() - began) / 1000;
  const check = store.read(ids.subarray(0, 100), startMs, startMs + 86_400_000);
  const perSeries = (batches * lines) / devices;
  const result = {
    bench: "tsdb-append",
    samples,
    values_per_s: Math.round(samples / seconds),
    settled_values_per_s: Math.round(samples / settledS),
    ack_ms_p50: percentile(ackMs, 0.5),
    ack_ms_p99: percentile(ackMs, 0.99),
    cpu_us_per_value: (cpu.user + cpu.system) / samples,
    bytes_per_sample: diskBytes / samples,
    peak_rss_mb: Math.round(process.resourceUsage().maxRSS / 1024),
    exact_ok: check.every((series) => series.timeMs.length === perSeries),
  };
  process.stdout.write(`${JSON.stringify(result)}\n`);
} finally {
  await store.close();
  rmSync(folder, { recursive: true, force: true });
}

function internAll({ catalogue }: MetricStore): Uint32Array {
  const made = new Uint32Array(devices * fields);
  for (let i = 0; i < made.length; i++) {
    const device = Math.floor(i / fields);
    made[i] = catalogue.intern(
      "pdu",
      [
        ["ip", `198.18.1.${device}`],
        ["room", `R${device % 20}`],
      ],
      `field_${i % fields}`,
      "float",
    );
  }
  return made;
}

/** Lines in the order of polls; currents of one decimal, counters, and values of many digits, as site-10k has them. */
function makeBatch(ids: Uint32Array, index: number): SampleBatch {
  const length = lines * fields;
  const floats = {
    length,
    series: new Uint32Array(length),
    timeMs: new Float64Array(length),
    value: new Float64Array(length),
  };
  for (let i = 0; i < length; i++) {
    const line = index * lines + Math.floor(i / fields);
    const [device, scrape, field] = [line % devices, Math.floor(line / devices), i % fields];
    floats.series[i] = ids[device * fields + field] ?? 0;
    floats.timeMs[i] = startMs + scrape * 10_000;
    floats.value[i] = toValue(field, device, scrape);
  }
  const none = { length: 0, series: new Uint32Array(0), timeMs: new Float64Array(0) };
  return {
    floats,
    ints: { ...none, value: new BigInt64Array(0) },
    bools: { ...none, value: new Uint8Array(0) },
    strings: { ...none, value: [] },
  };
}

function toValue(field: number, device: number, scrape: number): number {
  if (field < 4) return 1;
  if (field < 9) return Math.round(50 + 20 * Math.sin(scrape / 40 + device) + 5 * Math.random()) / 10;
  if (field < 14) return device * 1000 + scrape * (1 + (field % 3));
  return Math.round((208 + 4 * Math.random()) * 1000) / 1000;
}

/** Each connection sends its next batch when the last is acknowledged, as `ingest.py` does. */
async function appendAll(target: MetricStore, made: readonly SampleBatch[]): Promise<number[]> {
  const ackMs: number[] = [];
  let next = 0;
  const connection = async () => {
    for (let batch = made[next++]; batch; batch = made[next++]) {
      const sent = performance.now();
      target.release(await target.append(batch));
      ackMs.push(performance.now() - sent);
    }
  };
  await Promise.all(Array.from({ length: connections }, connection));
  return ackMs.sort((a, b) => a - b);
}

function percentile(sorted: readonly number[], part: number): number {
  return Math.round((sorted[Math.floor(sorted.length * part)] ?? 0) * 10) / 10;
}
