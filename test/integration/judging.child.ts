import { join } from "node:path";
import { createInterface } from "node:readline";
import { createAlerts } from "#internal/alert/alerts.ts";
import { createRules } from "#internal/rule/rules.ts";
import { systemClock } from "#pkg/clock/clock.ts";
import { createOutbox } from "#pkg/eventbus/outbox.ts";
import { silentLogger } from "#pkg/logger/logger.ts";
import { openSqlite } from "#pkg/sql/adapters/sqlite.ts";
import { migrateUp, readMigrations } from "#pkg/sql/migrate.ts";
import { openTsdb } from "#pkg/tsdb/adapters/embedded.ts";
import { migrationsFolder } from "#test/fixtures/database.ts";
import { toBatch } from "./judging-memory-store.ts";

// A node of its own to be killed: `judging.child.ts FOLDER`. Takes `{"n", "atMs", "values": […]}` a line, stores and
// judges it as one batch, and answers `n` once it is on disk. `{"stop": true}` ends it properly.
const [folder = ""] = process.argv.slice(2);
const clock = systemClock;
const sql = openSqlite(join(folder, "detectviz.db"));
await migrateUp(sql, await readMigrations(migrationsFolder), clock.now());
const outbox = createOutbox({ clock, node: "test" });
const audit = { record: async () => {}, list: async () => [] };
const alerts = createAlerts({ sql, outbox, clock, audit });
const store = await openTsdb({ folder: join(folder, "tsdb"), clock });
const rules = createRules({
  sql,
  outbox,
  clock,
  stoodStillMs: () => 0,
  log: silentLogger,
  audit,
  store,
  sink: alerts.apply,
  checkpointEveryMs: 15,
});
await rules.start();
await rules.setFromFiles([
  {
    name: "Overload",
    condition: "pdu_current",
    comparison: ">",
    levels: {
      warning: { threshold: 12, reset: 11, forMs: 3000 },
      critical: { threshold: 16, reset: 14, keepFiringForMs: 2000 },
    },
    source: "rules.toml:1",
  },
]);
const tick = setInterval(() => void rules.tick(), 5);
process.stdout.write("ready\n");

for await (const line of createInterface({ input: process.stdin })) {
  const { n, atMs, values, stop } = JSON.parse(line) as { n: number; atMs: number; values: number[]; stop?: boolean };
  if (stop) break;
  const samples = values.map((value, index) => {
    const id = store.catalogue.intern("pdu", [["name", `P${index}`]], "current", "float");
    return [id, atMs, value] as const;
  });
  const batch = toBatch(samples);
  const position = await store.append(batch);
  process.stdout.write(`${n}\n`);
  rules.judge(batch, position);
}
clearInterval(tick);
await rules.close();
await store.close();
await sql.close();
