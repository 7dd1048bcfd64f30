import { openFollower } from "#internal/autodeploy/follow.ts";
import { scheduleScans } from "#internal/autodeploy/scan/schedule.ts";
import { toSelfBatch } from "#internal/healthcheck/self-samples.ts";
import { createFreshness } from "#internal/inventory/freshness.ts";
import { createJumpWatch } from "#pkg/clock/jumps.ts";
import { parseDuration } from "#pkg/config/duration.ts";
import { openScheduler } from "#pkg/scheduler/scheduler.ts";
import { aroundScheduler } from "#pkg/telemetry/around/scheduler.ts";
import type { NodeConfig } from "../config/config.ts";
import { readSelfFacts } from "../health/self-facts.ts";
import { instanceOf } from "../storage/instance.ts";
import type { Collection } from "./collection.ts";
import { every } from "./every.ts";
import type { Ground } from "./ground.ts";
import type { Judgement } from "./judgement.ts";
import type { Samples } from "./samples.ts";

/** Jobs and what sets the loop in motion. */
export type Motion = Awaited<ReturnType<typeof openMotion>>;

/** Starts the loop's own motion: scans by schedule, rollouts after acceptance, freshness, timers, the node's own samples. */
export async function openMotion(ground: Ground, samples: Samples, collection: Collection, judgement: Judgement) {
  const { teardown, clock, standstill, log, telemetry, sql, config, live, bus } = ground;
  const { inventory, fleet, scans, rollouts } = collection;
  const { lastSeen } = samples.metrics;
  const isReady = () => fleet.binary().state === "ready";
  const follower = teardown.add("follower", openFollower({ bus, rollouts, isReady, clock, log }), (it) => it.close());
  teardown.add("rollouts", rollouts, (it) => it.close());
  fleet.onBinary(({ state }) => state === "ready" && follower.nudge("Telegraf is there"));
  const node = { node: config.value.node.name, instance: instanceOf(ground.dataFolder) };
  const jobs = openScheduler({ sql, clock, log, ...node });
  const scheduler = teardown.add("scheduler", aroundScheduler(jobs, telemetry, log), (it) => it.close());
  const scheduleRanges = ({ scan, node }: NodeConfig, atStart: boolean) =>
    scheduleScans({ scans, scheduler, ranges: scan.ranges, timeZone: node.time_zone, log, atStart });
  await scheduleRanges(config.value, true);

  const intervalMs = () => parseDuration(live.now().config.value.telegraf.interval);
  const freshness = createFreshness({ inventory, lastSeen, intervalMs, stoodStillMs: standstill.lastedMs, clock });
  const startedAtMs = clock.now();
  const { ingest, store } = samples;
  const selfFacts = () =>
    readSelfFacts({
      ...{ inventory, fleet, ingest, lastSeen, intervalMs: intervalMs(), clock, startedAtMs },
      stoodStillMs: standstill.lastedMs,
    });
  const repeat = (name: string, periodMs: number, work: () => Promise<void> | void) =>
    void teardown.add(name, every(name, periodMs, log, work), (it) => it.close());
  repeat("freshness", 2000, () => freshness.tick());
  repeat("silences", 1000, () => judgement.silences.tick());
  repeat("rule timers", 1000, () => judgement.rules.tick());
  repeat("own samples", 5000, async () => {
    await ingest.writeBatch(toSelfBatch(store.catalogue, await selfFacts()));
  });
  // A refused device and a unit that was put back are tried again once their hold has run out.
  repeat("rollouts again", 60_000, () => follower.nudge("again"));
  const jumps = createJumpWatch({
    clock,
    steadyMs: () => performance.now(),
    async onBack(byMs) {
      log.warn({ back_s: byMs / 1000 }, "the machine's clock went back; what runs by time that passes goes on with it");
      samples.metrics.clockWentBack(byMs);
      judgement.rules.clockWentBack(byMs);
      await scheduler.clockWentBack(byMs);
    },
  });
  repeat("clock", 1000, () => jumps.look());
  repeat("standstill", 1000, () => standstill.look());
  await rollouts.recover();
  follower.nudge("the node started");
  return { scheduler, scheduleRanges, follower, jumps };
}
