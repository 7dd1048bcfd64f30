import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { until } from "../fixtures/until.ts";
import { compareBackup } from "./check-samples.ts";
import type { Site } from "./site.ts";
import type { Body } from "./told.ts";

/** When the node is to die, and what else is going on then. Ms after the load began. */
export interface KillPlan {
  killAfterMs: number;
  /** The kill waits until so many bodies are acknowledged: a busy machine must not make it an easy one. */
  bodies: number;
  /** A backup is asked for then. */
  backupAfterMs: number | undefined;
  /** The node stands still from then on for so long. */
  pause: { afterMs: number; forMs: number } | undefined;
}

/** Lets all writers loose on a node that is up, kills it in the middle, and gives what was wrong meanwhile. */
export async function loadAndKill(site: Site, plan: KillPlan): Promise<string[]> {
  const { victim, lanes, records, told, receiver } = site;
  const acknowledged: Body[] = [];
  let stopped = false;
  const isStopped = () => stopped;
  receiver.calm(false);
  const take = (body: Body) => {
    acknowledged.push(body);
    told.take(body);
  };
  const writing = [...lanes.map((lane) => lane.run(victim.url, isStopped, take)), records.run(victim, isStopped)];
  const backup = plan.backupAfterMs === undefined ? undefined : askForBackup(site, plan.backupAfterMs, acknowledged);
  if (plan.pause) void standStill(site, plan.pause);
  await wait(plan.killAfterMs);
  await until(() => acknowledged.length >= plan.bodies || !victim.isRunning(), 10_000).catch(() => undefined);
  const died = !victim.isRunning();
  await victim.kill();
  stopped = true;
  await Promise.all(writing);
  const wrong = died ? [`the node died by itself: ${victim.log().slice(-2000)}`] : [];
  for (const lane of lanes) wrong.push(...lane.complaints.splice(0));
  return [...wrong, ...((await backup) ?? [])];
}

async function standStill({ victim }: Site, { afterMs, forMs }: NonNullable<KillPlan["pause"]>): Promise<void> {
  await wait(afterMs);
  victim.signal("SIGSTOP");
  await wait(forMs);
  victim.signal("SIGCONT");
}

/** A backup that was answered holds all that was acknowledged before; one that was not is not there. */
async function askForBackup(site: Site, afterMs: number, acknowledged: readonly Body[]): Promise<string[]> {
  await wait(afterMs);
  const folder = join(site.folder, "backup");
  const before = [...acknowledged];
  const answer = await site.victim.api("POST", "/api/v1/backups", { folder }).catch(() => undefined);
  try {
    // Whole once it has its name, also when the answer did not arrive any more.
    if (existsSync(folder)) return await compareBackup(folder, before, join(site.folder, "backup-copy"));
    return answer === undefined
      ? []
      : [`no backup is there, but the answer was ${answer.status} ${JSON.stringify(answer.body)}`];
  } finally {
    for (const name of [folder, `${folder}.partial`]) rmSync(name, { recursive: true, force: true });
  }
}
