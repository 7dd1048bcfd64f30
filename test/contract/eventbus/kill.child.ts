import { writeSync } from "node:fs";
import { openSqlite } from "#pkg/sql/adapters/sqlite.ts";
import { hastyClock as leaseClock, openEmbedded, openOverRedis, ruleChanged } from "./benches.ts";

/**
 * Adds events for ever and says on stdout what was committed, started and handled, until somebody kills it. After
 * `hangAfter` handled events it stops itself: from a timer, where no transaction holds the database.
 */
const [file = "", url, instance = "first", handleMs = "1", hangAfter] = process.argv.slice(2);
const bound = 1_000_000;
const sql = openSqlite(file);
const { bus, outbox } = await (url === undefined
  ? openEmbedded(sql, { bound })
  : openOverRedis(url, sql, { instance, bound, leaseClock }));
let handled = 0;
bus.subscribe("a", ["rule.changed"], async (event) => {
  writeSync(1, `started ${event.id}\n`);
  await new Promise((resolve) => setTimeout(resolve, Number(handleMs)));
  writeSync(1, `handled ${event.id}\n`);
  if (++handled === Number(hangAfter)) process.kill(process.pid, "SIGSTOP");
});
bus.tail(null, (event) => writeSync(1, `committed ${event.id}\n`));
for (let index = 0; ; index++) {
  await sql.transaction(async (tx) => outbox.add(tx, [ruleChanged(`k${index % 3}`, String(index))]));
  await new Promise((resolve) => setImmediate(resolve)); // SQLite never waits, sockets do
}
