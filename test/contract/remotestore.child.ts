import { join } from "node:path";
import { systemClock } from "#pkg/clock/clock.ts";
import { openMetricStores } from "#pkg/metricstores/stores.ts";
import { openTsdb } from "#pkg/tsdb/adapters/embedded.ts";
import { createLinesLog, storeConfig } from "#test/fixtures/metric-stores.ts";
import { batchOf } from "#test/fixtures/samples.ts";

// A node that appends without end and forwards to one store, until it is killed. Tells each acknowledged number.
const [folder = "", url = "", t0 = "", first = ""] = process.argv.slice(2);
const source = await openTsdb({ folder: join(folder, "tsdb"), clock: systemClock });
const { log } = createLinesLog();
const stores = openMetricStores({ source, folder: join(folder, "stores"), clock: systemClock, log });
await stores.apply([storeConfig({ type: "influxdb_v1", url, database: "site" })]);
const id = source.catalogue.intern("kill", [], "n", "float");
for (let n = Number(first); ; n++) {
  await source.append(batchOf([id, Number(t0) + n, n]));
  process.stdout.write(`${n}\n`);
}
