import { writeSync } from "node:fs";
import { openSqlite } from "#pkg/sql/adapters/sqlite.ts";
import { openEmbedded, openOverRedis, ruleChanged } from "./benches.ts";

/** Adds events for ever and says on stdout what was committed and what was handled, until somebody kills it. */
const [file = "", url, instance = "first"] = process.argv.slice(2);
const bound = 1_000_000;
const sql = openSqlite(file);
const { bus, outbox } = await (url === undefined
  ? openEmbedded(sql, { bound })
  : openOverRedis(url, sql, { instance, bound }));
bus.subscribe("a", ["rule.changed"], async (event) => {
  await new Promise((resolve) => setTimeout(resolve, 1));
  writeSync(1, `handled ${event.id}\n`);
});
bus.tail(null, (event) => writeSync(1, `committed ${event.id}\n`));
for (let index = 0; ; index++) {
  await sql.transaction(async (tx) => outbox.add(tx, [ruleChanged(`k${index % 3}`, String(index))]));
  await new Promise((resolve) => setImmediate(resolve)); // SQLite never waits, sockets do
}
