import { writeSync } from "node:fs";
import { systemClock } from "#pkg/clock/clock.ts";
import { openSqliteBus } from "#pkg/eventbus/adapters/sqlite.ts";
import { createOutbox } from "#pkg/eventbus/outbox.ts";
import { silentLogger } from "#pkg/logger/logger.ts";
import { openSqlite } from "#pkg/sql/adapters/sqlite.ts";

/** Adds events for ever and says on stdout what was committed and what was handled, until somebody kills it. */
const [file = ""] = process.argv.slice(2);
const sql = openSqlite(file);
const outbox = createOutbox({ clock: systemClock, node: "child" });
const bus = await openSqliteBus({ sql, outbox, clock: systemClock, log: silentLogger });
bus.subscribe("a", ["rule.changed"], async (event) => {
  await new Promise((resolve) => setTimeout(resolve, 1));
  writeSync(1, `handled ${event.id}\n`);
});
bus.tail(null, (event) => writeSync(1, `committed ${event.id}\n`));
for (let index = 0; ; index++) {
  const key = `k${index % 3}`;
  await sql.transaction(async (tx) =>
    outbox.add(tx, [{ type: "rule.changed", key, data: { ruleId: String(index), change: "updated" } }]),
  );
}
