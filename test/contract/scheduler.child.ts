import { appendFileSync } from "node:fs";
import { systemClock as clock } from "#pkg/clock/clock.ts";
import { silentLogger as log } from "#pkg/logger/logger.ts";
import { openScheduler } from "#pkg/scheduler/scheduler.ts";
import { openPlace } from "#test/fixtures/database.ts";

// One of several nodes over one database: each second one of them runs the job, which writes when it begins and ends.
const [place = "", journal = "", node = ""] = process.argv.slice(2);
const write = (what: string, fence: number) => appendFileSync(journal, `${node} ${what} ${fence}\n`);

const sql = await openPlace(JSON.parse(place));
const scheduler = openScheduler({ sql, clock, log, node, instance: node, leaseMs: 1500 });
await scheduler.schedule({
  id: "tick",
  name: "Tick",
  cron: "* * * * * *",
  timeZone: "",
  timeoutMs: 10_000,
  retries: 0,
  backoffMs: 0,
  missed: "run_once",
  async run({ fence }) {
    write("begins", fence);
    await new Promise((resolve) => setTimeout(resolve, 400));
    write("ends", fence);
  },
});
setInterval(() => {}, 1000); // timers of the product do not keep a process alive
