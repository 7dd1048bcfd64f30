import type { Clock } from "#pkg/clock/port.ts";
import { messageOf } from "#pkg/errors/errors.ts";
import type { Logger } from "#pkg/logger/port.ts";
import type { SqlClient, Tx } from "#pkg/sql/port.ts";
import type { Change, Changes } from "./changes.ts";
import type { JudgementSink } from "./contract.ts";
import type { Engine } from "./engine.ts";
import { createSerial } from "./serial.ts";
import { takeDirtyChunks } from "./series-table.ts";
import { toStateRow } from "./state-rows.ts";
import { type Progress, writeProgress, writeStates } from "./state-store.ts";

export interface WriterDeps {
  sql: SqlClient;
  clock: Clock;
  log: Logger;
  changes: Changes;
  engine: Engine;
  sink: JudgementSink;
}

/** Stores judgements and states, one transaction after another. */
export interface Writer {
  /** There may be something to store: begins at once unless it is under way or backing off. */
  kick(): void;
  /** Resolves when everything that waits is stored, or could not be (it is tried again by itself). */
  settle(): Promise<void>;
  /** Stores all, and that everything up to now is judged; `extra` runs in the same transaction. Rejects when it cannot. */
  checkpoint(extra?: (tx: Tx) => Promise<void>): Promise<Progress>;
  /** The same, without a rejection: what fails is tried again later. Does nothing while a retry is due. */
  tryCheckpoint(): Promise<Progress | undefined>;
  /** Set while storing fails. */
  failing(): { sinceMs: number; detail: string } | undefined;
  close(): void;
}

/** Alerts of one transaction: small enough to leave soon, large enough for a flood. */
const changesPerTransaction = 200;
const firstRetryMs = 250;
const lastRetryMs = 5000;

export function createWriter({ sql, clock, log, changes, engine, sink }: WriterDeps): Writer {
  const serial = createSerial();
  let failing: { sinceMs: number; detail: string } | undefined;
  let retryMs = firstRetryMs;
  let cancelRetry: (() => void) | undefined;
  let running: Promise<void> | undefined;

  const write = async (taken: readonly Change[], extra: (tx: Tx) => Promise<void>) => {
    // Taken together, between two batches: the states hold all that the judgements tell, up to `engine.position`.
    const rows = taken.flatMap((change) => (change.slot === null ? [] : (toStateRow(engine, change.slot) ?? [])));
    const ids = taken.map((change) => `${change.ruleId}:${change.fingerprint}`);
    try {
      await sql.transaction(async (tx) => {
        await sink(
          tx,
          taken.flatMap((change) => change.judgements),
        );
        await writeStates(tx, ids, rows);
        await extra(tx);
      });
    } catch (error) {
      changes.putBack(taken);
      throw error;
    }
    succeeded();
  };
  const writeLoud = async () => {
    while (changes.waiting().changes > 0) await write(changes.takeLoud(changesPerTransaction), async () => {});
  };
  const succeeded = () => {
    if (failing) log.info({}, "judgements are stored again");
    failing = undefined;
    retryMs = firstRetryMs;
  };
  const failed = (error: unknown) => {
    const detail = messageOf(error);
    if (failing?.detail !== detail) log.error({ error, ...changes.waiting() }, "judgements cannot be stored");
    failing = { sinceMs: failing?.sinceMs ?? clock.now(), detail };
    cancelRetry = clock.after(retryMs, () => {
      cancelRetry = undefined;
      writer.kick();
    });
    retryMs = Math.min(retryMs * 2, lastRetryMs);
  };

  const writer: Writer = {
    kick() {
      if (running || cancelRetry || changes.waiting().changes === 0) return;
      running = serial(writeLoud)
        .catch(failed)
        .finally(() => {
          running = undefined;
          // A judgement that came after the last look, before this line.
          writer.kick();
        });
    },
    async settle() {
      writer.kick();
      while (running) await running;
    },
    checkpoint: (extra = async () => {}) =>
      serial(async () => {
        await writeLoud();
        const chunks = takeDirtyChunks(engine.series);
        const progress = { judgedTo: engine.position, atMs: clock.now() };
        const all = changes.takeAll();
        try {
          await write(all, async (tx) => {
            await writeProgress(tx, progress, chunks);
            await extra(tx);
          });
        } catch (error) {
          for (const { chunk } of chunks) engine.series.dirtyChunks[chunk] = 1;
          throw error;
        }
        return progress;
      }),
    async tryCheckpoint() {
      if (cancelRetry) return undefined;
      try {
        return await writer.checkpoint();
      } catch (error) {
        failed(error);
        return undefined;
      }
    },
    failing: () => failing,
    close() {
      cancelRetry?.();
    },
  };
  return writer;
}
