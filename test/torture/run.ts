import { cpSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { createRandom, type Random } from "../fixtures/random.ts";
import { type KillPlan, loadAndKill } from "./load.ts";
import { openSite, type Site, type SqlServer } from "./site.ts";
import { verifyFiles, verifyNode } from "./verify.ts";

export interface TortureOptions {
  runs: number;
  seed: number;
  /** No run begins later than this; all are made when left out. */
  withinMs?: number;
  /** Once aborted, no further run begins. */
  stop?: AbortSignal;
  /** Folders of their own are made below this one; those of failed runs stay. */
  folder: string;
  /** Makes a database of its own for each data folder; the SQLite file when left out. */
  makeServer?: ((name: string) => Promise<SqlServer>) | undefined;
  say(line: string): void;
}

export interface TortureReport {
  passed: number;
  failed: number;
  /** From start to ready after a kill. */
  startsMs: number[];
  samples: number;
  alertChanges: number;
  recordChanges: number;
}

/** Kills nodes again and again: a data folder lives through some kills in a row, then a fresh one begins. */
export async function torture(options: TortureOptions): Promise<TortureReport> {
  const report: TortureReport = { passed: 0, failed: 0, startsMs: [], samples: 0, alertChanges: 0, recordChanges: 0 };
  const startedAt = performance.now();
  const isOver = () =>
    options.stop?.aborted === true || performance.now() - startedAt > (options.withinMs ?? Number.POSITIVE_INFINITY);
  for (let life = 0; report.passed + report.failed < options.runs && !isOver(); life++) {
    const left = options.runs - report.passed - report.failed;
    await oneLife({ ...options, isOver }, life, left, report);
    if (life % 20 === 19) options.say(`${report.passed} passed, ${report.failed} failed so far`);
  }
  return report;
}

interface LifeOptions extends TortureOptions {
  isOver(): boolean;
}

/** The life of one data folder: at most `left` kills, or the first that leaves something wrong behind. */
async function oneLife(options: LifeOptions, life: number, left: number, report: TortureReport): Promise<void> {
  const random = createRandom(options.seed + life);
  const name = `${options.seed}+${life}`;
  const kills = Math.min(left, random.int(3, 12));
  const folder = join(options.folder, `life-${name}`);
  const server = await options.makeServer?.(`torture_${name.replace("+", "_")}`);
  const site = await openSite(folder, random, server);
  try {
    for (let kill = 0; kill < kills && !options.isOver(); kill++) {
      const plan = toPlan(random);
      const startedAt = performance.now();
      const wrong = await oneKill(site, plan, random, kill === 0, report).catch((error: unknown) => [String(error)]);
      const took = Math.round(performance.now() - startedAt);
      if (wrong.length === 0) {
        report.passed++;
        continue;
      }
      report.failed++;
      options.say(`seed ${name}, kill ${kill + 1}, after ${took} ms, plan ${JSON.stringify(plan)}:`);
      for (const text of wrong.slice(0, 20)) options.say(`    ${text}`);
      if (wrong.length > 20) options.say(`    and ${wrong.length - 20} more`);
      await keep(site, join(options.folder, `failed-${name}`), options);
      return;
    }
  } finally {
    report.samples += site.told.samples;
    report.recordChanges += site.records.changes;
    for (const list of site.expected.changes().values()) report.alertChanges += list.length;
    await site.close();
  }
}

function toPlan(random: Random): KillPlan {
  const killAfterMs = random.chance(0.2) ? random.int(1, 80) : random.int(80, 1200);
  return {
    killAfterMs,
    bodies: random.chance(0.2) ? 0 : random.int(1, 60),
    backupAfterMs: random.chance(0.25) ? random.int(0, killAfterMs) : undefined,
    pause: random.chance(0.1) ? { afterMs: random.int(0, killAfterMs), forMs: random.int(50, 500) } : undefined,
  };
}

async function oneKill(
  site: Site,
  plan: KillPlan,
  random: Random,
  isFirst: boolean,
  report: TortureReport,
): Promise<string[]> {
  const { victim } = site;
  if (isFirst) {
    if (random.chance(0.4)) await killWhileStarting(site, random);
    victim.spawn();
    await victim.ready();
    site.events.connect(victim.socketPath);
  }
  const meanwhile = await loadAndKill(site, plan);
  const files = await verifyFiles(site);
  while (random.chance(0.25)) await killWhileStarting(site, random);
  victim.spawn();
  report.startsMs.push(await victim.ready());
  return [...meanwhile, ...files, ...(await verifyNode(site))];
}

/** Dies before it is ready: in the migration of a fresh folder, in the recovery of an old one. */
async function killWhileStarting({ victim }: Site, random: Random): Promise<void> {
  victim.spawn();
  await wait(random.int(100, 1000));
  await victim.kill();
}

async function keep(site: Site, folder: string, { say }: TortureOptions): Promise<void> {
  const log = site.victim.log();
  await site.victim.kill();
  cpSync(site.folder, folder, { recursive: true, filter: (path) => !path.endsWith(".sock") });
  writeFileSync(join(folder, "node.log"), log);
  say(`    its folder is kept in ${folder}`);
  say(`    the node's last words: ${log.slice(-600)}`);
}
