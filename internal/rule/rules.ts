import type { Audit } from "#pkg/audit/port.ts";
import type { Clock } from "#pkg/clock/port.ts";
import type { LogPosition } from "#pkg/contracts/samples.ts";
import { AppError } from "#pkg/errors/errors.ts";
import type { Outbox } from "#pkg/eventbus/port.ts";
import type { Logger } from "#pkg/logger/port.ts";
import type { SqlClient } from "#pkg/sql/port.ts";
import type { MetricStore } from "#pkg/tsdb/port.ts";
import { createChanges } from "./changes.ts";
import { moveBack } from "./clock-back.ts";
import { compareWithFiles } from "./compare-files.ts";
import { compileRule } from "./compile.ts";
import type { JudgementSink, Rule, Rules } from "./contract.ts";
import { createEngine } from "./engine.ts";
import { type RulesHealth, toHealth } from "./health.ts";
import { createMutations } from "./mutations.ts";
import { readRules } from "./records.ts";
import { restoreState } from "./restore.ts";
import { createSerial } from "./serial.ts";
import { findSilence } from "./silence.ts";
import { readState } from "./state-store.ts";
import { toSeriesStates } from "./states.ts";
import { createStream } from "./stream.ts";
import { createWatch, type Watch } from "./watch.ts";
import { createWriter } from "./writer.ts";

export interface RulesDeps {
  sql: SqlClient;
  outbox: Outbox;
  clock: Clock;
  /** How long the node stood still after a time (UTC ms): nobody is silent for that. */
  stoodStillMs(sinceMs: number): number;
  log: Logger;
  audit: Pick<Audit, "record">;
  store: Pick<MetricStore, "catalogue" | "newest" | "read" | "replay" | "release">;
  /** `alerts.apply`. */
  sink: JudgementSink;
  /** Judgements that may wait in memory while they cannot be stored. */
  maxWaiting?: number;
  /** How often states and newest times are stored, when nothing forces it earlier. */
  checkpointEveryMs?: number;
}

/** The rules with what starts, drives and ends them. */
export interface RunningRules extends Rules {
  /** Loads states and judges what the log holds since; batches handed to `judge` meanwhile are not lost. Once. */
  start(): Promise<void>;
  /** Called every second or so: no-data by the node's clock, and a checkpoint every few seconds. */
  tick(): Promise<void>;
  health(): RulesHealth;
  /** The node's clock went back by `byMs`: what was noted by the old one is moved with it. */
  clockWentBack(byMs: number): void;
  /** Stores everything; nothing may be handed to `judge` afterwards. */
  close(): Promise<void>;
}

/** The judge: each stored batch against all rules, each acknowledged sample once, whatever dies in between. */
export function createRules(deps: RulesDeps): RunningRules {
  const { sql, clock, stoodStillMs, log, store, sink, maxWaiting = 50_000, checkpointEveryMs = 5000 } = deps;
  const records = new Map<string, Rule>();
  const changes = createChanges();
  const engine = createEngine({ store, clock, changes });
  const watch = createWatch({ engine, store, clock, changes });
  const writer = createWriter({ sql, clock, log, changes, engine, sink });
  const stream = createStream({ store, clock, log, engine, changes, writer, maxWaiting });
  const mutations = createMutations({ ...deps, engine, writer, watch, records });
  const inTurn = createSerial();
  let judgedTo: LogPosition = 0;
  let startedAt: LogPosition = 0;
  let checkpointMs = clock.now();
  let stopListening = () => {};

  const noteProgress = (progress: { judgedTo: LogPosition; atMs: number } | undefined) => {
    if (!progress) return;
    judgedTo = progress.judgedTo;
    checkpointMs = progress.atMs;
    // Only what was seen: positions of a log that began anew must not be released by what is known of the old one.
    if (judgedTo > startedAt) store.release(judgedTo);
  };
  const writable = (id: string) => toWritable(records, id);

  return {
    create: (spec, by) => inTurn(() => mutations.create(spec, by)),
    update: (id, spec, by) => inTurn(async () => mutations.update(writable(id), spec, by)),
    remove: (id, by) => inTurn(async () => mutations.remove(writable(id), by)),
    setFromFiles: (files) =>
      inTurn(async () => mutations.apply(compareWithFiles([...records.values()], files, clock.now()))),
    get: async (id) => records.get(id),
    list: async () => [...records.values()].sort((a, b) => (a.name < b.name ? -1 : 1)),
    states: (ruleId) => toSeriesStates(engine, watch, store, ruleId),
    watched: (ruleId) => watch.rules.get(ruleId)?.slots.size ?? 0,
    judge: stream.judge,
    judgedTo: () => judgedTo,
    stats() {
      const slots = [...watch.rules.values()].reduce((sum, rule) => sum + rule.slots.size, 0);
      const { judgements: waiting } = changes.waiting();
      return { rules: watch.rules.size, slots, ...engine.counts(), waiting, mode: stream.mode() };
    },
    async start() {
      for (const rule of await readRules(sql)) records.set(rule.id, rule);
      const stored = await readState(sql);
      watchStored(watch, records.values(), log);
      restoreState({ engine, watch, changes, clock, seriesCount: store.catalogue.size }, stored);
      stopListening = store.catalogue.onNew(watch.bindNew);
      startedAt = engine.position;
      await stream.catchUp(stored.progress?.atMs ?? Number.NEGATIVE_INFINITY);
      noteProgress(await writer.tryCheckpoint());
    },
    async tick() {
      const look = { nowMs: clock.now(), liveSinceMs: stream.liveSinceMs(), stoodStillMs };
      if (stream.mode() === "live") findSilence(engine, look);
      if (stream.mode() === "behind") await stream.catchUp(checkpointMs);
      writer.kick();
      if (engine.position === judgedTo && changes.isEmpty()) return;
      if (clock.now() - checkpointMs >= checkpointEveryMs) noteProgress(await writer.tryCheckpoint());
    },
    clockWentBack(byMs) {
      checkpointMs -= byMs;
      stream.clockWentBack(byMs);
      moveBack(engine, byMs, clock.now());
    },
    health: () => toHealth(writer.failing(), stream, changes.waiting().judgements, watch.rules.size),
    async close() {
      stopListening();
      noteProgress(await writer.tryCheckpoint());
      writer.close();
    },
  };
}

/** The rule, if it may be changed here. */
function toWritable(records: ReadonlyMap<string, Rule>, id: string): Rule {
  const rule = records.get(id);
  if (!rule) {
    const mend = "take an id from GET /api/v1/rules";
    throw new AppError("not_found", { at: `rule ${id}`, message: "there is no such rule", mend });
  }
  if (rule.source === null) return rule;
  throw new AppError("read_only", {
    at: rule.source,
    message: `the rule "${rule.name}" comes from a file`,
    mend: `change it in ${rule.source}`,
  });
}

/** A stored rule that this version does not understand is left out with an error in the log, and the others go on. */
function watchStored(watch: Watch, rules: Iterable<Rule>, log: Logger): void {
  for (const rule of rules) {
    if (rule.enabled === false) continue;
    try {
      watch.put(compileRule(rule), "");
    } catch (error) {
      log.error({ rule: rule.name, error }, "a stored rule is not understood and judges nothing");
    }
  }
}
