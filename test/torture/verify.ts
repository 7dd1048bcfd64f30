import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { compareAlerts, compareEvents, compareHeard } from "./check-alerts.ts";
import { checkFolder, checkRecordsFile } from "./check-folder.ts";
import { compareNewest, compareSamples, readFolder, readNewest, settleBodies } from "./check-samples.ts";
import { readState } from "./records.ts";
import type { Site } from "./site.ts";

/** What may be said of a log that a kill cut in the middle of a write. */
const isTornTail = /bytes of a write that never ended were cut off/;
const settledWithinMs = 60_000;

/** Looks into the files as the dead node left them, and settles what became of what was under way. */
export async function verifyFiles(site: Site): Promise<string[]> {
  const { victim, lanes, told, folder } = site;
  const { stored, repairs } = await readFolder(join(victim.dataFolder, "tsdb"), join(folder, "copy"));
  return [
    ...repairs.filter((text) => !isTornTail.test(text)).map((text) => `after the kill: ${text}`),
    ...settleBodies(lanes, told, stored),
    ...compareSamples(told, stored),
    ...checkRecordsFile(victim.dataFolder, join(folder, "copy.db")),
  ];
}

/** Compares what the clients were told with what the node says now that it is up again. */
export async function verifyNode(site: Site): Promise<string[]> {
  const { victim, records, told, receiver, lanes } = site;
  receiver.calm(true);
  site.events.connect(victim.socketPath);
  const state = await readState(victim);
  const isAcknowledged = await site.alerts.read(victim);
  for (const { alert } of isAcknowledged.values())
    if (alert.acknowledgement === "acknowledged") state.acknowledged.add(alert.id);
  records.settle(state);
  const wrong = [
    ...compareNewest(told, await readNewest(victim)),
    ...records.compare(state),
    ...checkFolder(victim.dataFolder),
    ...(await untilSettled(site)),
  ];
  // What is there now and was not told is told again, as Telegraf does; half of the writers rather begin anew.
  for (const [i, lane] of lanes.entries()) if (i % 2 === 0) lane.inDoubt = undefined;
  return wrong;
}

/** Waits until alerts, notifications and events are as the samples mean; gives what is still wrong when time is up. */
async function untilSettled(site: Site): Promise<string[]> {
  const deadline = performance.now() + settledWithinMs;
  const expected = site.expected.changes();
  for (;;) {
    const wrong = [
      ...compareAlerts(expected, await site.alerts.read(site.victim)),
      ...compareHeard(expected, site.receiver.heard),
      ...compareEvents(expected, site.events.events),
    ];
    if (wrong.length === 0 || performance.now() > deadline) return wrong;
    await wait(30);
  }
}
