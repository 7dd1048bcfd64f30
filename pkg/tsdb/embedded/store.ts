import type { LogPosition, SampleBatch } from "#pkg/contracts/samples.ts";
import { AppError } from "#pkg/errors/errors.ts";
import type { MetricStore } from "../port.ts";
import { copyStore } from "./backup.ts";
import { sizeOfFolder } from "./days.ts";
import { createDeletion } from "./deletion.ts";
import { weightOf } from "./generation.ts";
import { addBatch } from "./heads.ts";
import { createHolds } from "./holds.ts";
import { createLogCursor } from "./log-cursor.ts";
import { type Live, now } from "./options.ts";
import { createParts, type StoreDeps, type StoreParts } from "./parts.ts";
import { createReading } from "./reading.ts";
import { packBatch } from "./record.ts";
import { replayLog } from "./replay.ts";
import { createUpkeep, type Upkeep } from "./upkeep.ts";

const hourMs = 3_600_000;
/** A log smaller than this is read again at the next start rather than sealed into little blocks at the end. */
const quickReplayBytes = 8 * 2 ** 20;

/** Opens a store in folders that exist and are locked. */
export function openStore(deps: StoreDeps): MetricStore {
  const countBytes = () => sizeOfFolder(deps.folders.dayFolder) + sizeOfFolder(deps.folders.rollupFolder);
  let [samplesAppended, dayBytes] = [0, countBytes()];
  const holds = createHolds();
  const removableTo = () => Math.min(holds.releasedTo, parts.sealing.sealedTo);
  const trim = () => parts.writer.removeThrough(removableTo());
  const trimSoon = () => {
    // Judges call this for every batch: mostly there is nothing to remove.
    if (!parts.writer.hasRemovable(removableTo())) return;
    parts.sealing.alone(trim).catch((error: unknown) => deps.log?.error({ error }, "an old log file stays"));
  };
  const parts = createParts(deps, async () => {
    dayBytes = countBytes();
    await trim();
  });
  const { catalogue, newest, log, sealing, writer } = parts;
  const logBytes = () => writer.segments.reduce((total, segment) => total + segment.sizeBytes, 0);
  const { close: closeReading, ...reading } = createReading(parts, deps);
  const upkeep = createUpkeep(deps, parts, () => {
    parts.days.refresh();
    parts.rollups.refresh();
    dayBytes = countBytes();
  });
  const remove = createDeletion({
    ...{ parts, cataloguePath: deps.folders.cataloguePath, read: reading.read },
    onDeleted: () => upkeep.soon(),
  });
  const stopTimers = startTimers(deps, parts, upkeep);
  return {
    catalogue,
    ...reading,
    async append(batch) {
      refuseWhenBehind(deps, parts);
      return await log.append(packBatch(batch, catalogue.size), () => {
        addBatch(sealing.live, newest, parts.pool, batch, catalogue.size);
        samplesAppended += countSamples(batch);
        if (weightOf(sealing.live) >= headLimit(deps, parts)) sealing.sealSoon();
      });
    },
    replay: (after, visit) => replayLog(writer.segments, { after, upTo: log.lastPosition }, visit),
    release(upTo: LogPosition) {
      holds.release(upTo);
      trimSoon();
    },
    hold: (after) => holds.hold(after, trimSoon),
    follow: (after) => createLogCursor({ segments: writer.segments }, after),
    seal: sealing.seal,
    delete: remove,
    compact: () => upkeep.compact(true),
    dropBefore: upkeep.dropBefore,
    backup: (folder) => sealing.alone(() => copyStore(deps.folders, folder, writer.segments)),
    stats: () => ({
      series: catalogue.size,
      samplesAppended,
      logBytes: logBytes(),
      diskBytes: dayBytes,
      repairs: parts.repairs,
      headSamples: sealing.generations().reduce((total, heads) => total + heads.samples, 0),
      logPosition: log.lastPosition,
      sealedTo: sealing.sealedTo,
      releasedTo: holds.releasedTo,
      ...(sealing.problem !== undefined && { sealProblem: sealing.problem }),
    }),
    async close() {
      stopTimers();
      await upkeep.close();
      await log.idle();
      sealing.stop();
      try {
        if (unsealedBytes(parts) > quickReplayBytes) await sealing.seal();
      } finally {
        await closeReading();
        await closeParts(parts);
        // The newest log file can go only now that nothing writes it; one that cannot is tried again at the next start.
        await trim().catch((error: unknown) => deps.log?.error({ error }, "an old log file stays"));
        deps.unlock();
      }
    },
  };
}

function unsealedBytes({ writer, sealing }: StoreParts): number {
  const unsealed = writer.segments.filter((segment) => segment.last > sealing.sealedTo);
  return unsealed.reduce((total, segment) => total + segment.sizeBytes, 0);
}

async function closeParts({ sealing, sealer, writer, days, rollups }: StoreParts): Promise<void> {
  await sealing.alone(async () => undefined);
  await sealer.close();
  await writer.close();
  days.close();
  rollups.close();
}

function headLimit(deps: StoreDeps, { catalogue }: StoreParts): number {
  return deps.headSamples ?? Math.max(2_000_000, catalogue.size * 60);
}

/** While sealing is slower than the writers (or fails), heads grow; memory is not endless. */
function refuseWhenBehind(deps: StoreDeps, parts: StoreParts): void {
  if (weightOf(parts.sealing.live) < headLimit(deps, parts) * 4) return;
  throw new AppError("full", {
    at: deps.folder,
    message: `samples in memory cannot be moved to disk as fast as they come${parts.sealing.problem ? `: ${parts.sealing.problem}` : ""}`,
    mend: "look at the disk of the data folder; writing goes on by itself",
    retryAfterS: 5,
  });
}

/** Seals what has waited long enough, and drops days that are older than the retention. */
function startTimers(deps: StoreDeps, parts: StoreParts, upkeep: Upkeep): () => void {
  const every = (periodMs: Live<number>, work: () => void) => {
    let stop = () => {};
    const next = () => {
      stop = deps.clock.after(now(periodMs), () => {
        work();
        next();
      });
    };
    next();
    return () => stop();
  };
  let [wantedMs, isDropping] = [Number.NEGATIVE_INFINITY, false];
  /** One at a time, up to what was asked for last: hours that pass meanwhile do not queue. */
  const dropWanted = async () => {
    isDropping = true;
    for (let doneMs = Number.NEGATIVE_INFINITY; doneMs < wantedMs; ) {
      doneMs = wantedMs;
      await upkeep
        .dropBefore(doneMs)
        .catch((error: unknown) => deps.log?.error({ error }, "old days cannot be removed"));
    }
    isDropping = false;
  };
  const dropOld = () => {
    const retentionMs = now(deps.retentionMs ?? null);
    if (retentionMs === null) return;
    wantedMs = deps.clock.now() - retentionMs;
    if (!isDropping) void dropWanted();
  };
  dropOld();
  const stops = [
    every(deps.sealAfterMs ?? hourMs / 2, () => parts.sealing.sealSoon()),
    every(hourMs, dropOld),
    every(hourMs, upkeep.soon),
  ];
  return () => {
    for (const stop of stops) stop();
  };
}

function countSamples({ floats, ints, bools, strings }: SampleBatch): number {
  return floats.length + ints.length + bools.length + strings.length;
}
