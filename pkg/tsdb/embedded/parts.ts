import type { Logger } from "#pkg/logger/port.ts";
import type { Catalogue } from "./catalogue.ts";
import { renewCatalogueFile } from "./catalogue-mend.ts";
import { createDayReader, type DayReader } from "./day-reader.ts";
import type { SealReport } from "./day-writers.ts";
import type { Disk } from "./disk.ts";
import type { Folders } from "./folders.ts";
import { createHorizon, type Horizon } from "./horizon.ts";
import { createLog, type Log } from "./log.ts";
import type { Newest } from "./newest.ts";
import { searchNewest } from "./newest-search.ts";
import type { TsdbOptions } from "./options.ts";
import { type Recovered, recover } from "./recover.ts";
import { createRollupReader, type RollupReader } from "./rollup-reader.ts";
import { createSamplesReader } from "./samples-reader.ts";
import { createSealer, type Sealer } from "./sealer.ts";
import { createSealing, type Sealing } from "./sealing.ts";
import { createSegmentWriter, type SegmentWriter } from "./segment-writer.ts";
import { packSeries } from "./series-record.ts";
import { createSlabPool, type SlabPool } from "./slabs.ts";
import { createTombstones, type Tombstones } from "./tombstones.ts";

export interface StoreDeps extends TsdbOptions {
  disk: Disk;
  folders: Folders;
  /** Called last when the store closes. */
  unlock(): void;
}

/** What an open store is made of. */
export interface StoreParts {
  catalogue: Catalogue;
  newest: Newest;
  pool: SlabPool;
  log: Log;
  writer: SegmentWriter;
  days: DayReader;
  sealer: Sealer;
  sealing: Sealing;
  tombstones: Tombstones;
  rollups: RollupReader;
  /** From when on things are kept, as it is now. */
  horizon(): Horizon;
  /** By day: when samples were last sealed into it. */
  sealedAt: Map<number, number>;
  /** In words for people: what the start found, and what was found since. */
  repairs: string[];
  /** Keeps and logs damage that was found. */
  tell(text: string): void;
  /** Whether damage was told since this was last asked. */
  takeNews(): boolean;
}

/** Blocks that stay in memory for reading single series. */
const keptBytes = 8 * 2 ** 20;

/** Builds the parts from what is in the folder; `onSealed` hears of each generation that is in the day files. */
export function createParts(deps: StoreDeps, onSealed: () => Promise<void>): StoreParts {
  const { folders, clock } = deps;
  const pool = createSlabPool();
  const start = recover({ ...folders, seriesLimit: deps.seriesLimit ?? 1_000_000, pool });
  const { catalogue, newest, repairs } = start;
  const { tell, takeNews } = createTeller(repairs, deps.log);
  for (const repair of repairs) deps.log?.warn({ repair }, "the metric store was mended at start");

  const days = createDayReader({ folder: folders.dayFolder, keptBytes, onDamage: tell });
  const writer = createSegmentWriter({
    folder: folders.logFolder,
    disk: deps.disk,
    segments: start.segments,
    segmentBytes: deps.segmentBytes ?? 32 * 2 ** 20,
  });
  const rollups = createRollupReader({ folder: folders.rollupFolder, days, onDamage: tell });
  const sealedAt = new Map<number, number>();
  const tombstones = createTombstones(start.tombstones);
  const horizon = createHorizon(deps, catalogue);
  if (start.damage.isDamaged) {
    mendCatalogue(folders.cataloguePath, { start, days, tombstones, horizon, tell });
  }
  const log = createLog({
    folder: deps.folder,
    writer,
    lastPosition: start.lastPosition,
    queueBytes: deps.queueBytes ?? 64 * 2 ** 20,
    ...trackSeries(catalogue, start.loggedSeries),
  });
  const sealer = createSealer(clock);
  const sealing = createSealing({
    ...{ catalogue, sealer, pool, clock, log: deps.log, start },
    dayFolder: folders.dayFolder,
    cataloguePath: folders.cataloguePath,
    lastPosition: () => log.lastPosition,
    onFrozen: () => writer.rotate(),
    onSealed: async (report: SealReport) => {
      for (const text of [...report.repairs, ...report.damage]) tell(text);
      for (const day of report.days) sealedAt.set(day, clock.now());
      // A file that was broken is another one now.
      if (report.repairs.length > 0) days.refresh();
      days.added();
      await onSealed();
    },
  });
  const found = { sealedAt, repairs, tell, takeNews };
  return { catalogue, newest, pool, log, writer, days, sealer, sealing, tombstones, rollups, horizon, ...found };
}

interface MendDeps extends Pick<StoreParts, "days" | "tombstones" | "horizon" | "tell"> {
  start: Recovered;
}

/** Finds newest samples again that the catalogue has lost, and makes its file anew. */
function mendCatalogue(path: string, { start, days, tombstones, horizon, tell }: MendDeps): void {
  const { catalogue, newest, damage, sealedTo } = start;
  const source = { days, generations: () => [], kindCodes: catalogue.kindCodes, deletions: tombstones, horizon };
  const { read } = createSamplesReader(source);
  const without = searchNewest({ read, days: days.days, catalogue, newest, groups: damage.groups });
  if (without > 0) tell(`the newest samples of ${without} series are known again once there are new ones`);
  tell(renewCatalogueFile(path, { catalogue, newest, tombstones: tombstones.all, sealedTo }));
}

const mostRepairs = 100;

/** Keeps and logs what was found wrong; of a broken disk's flood only the first. */
function createTeller(repairs: string[], log: Logger | undefined): Pick<StoreParts, "tell" | "takeNews"> {
  let hasNews = false;
  return {
    tell(text) {
      hasNews = true;
      if (repairs.includes(text)) return;
      if (repairs.length < mostRepairs) repairs.push(text);
      log?.warn({ repair: text }, "the metric store found damage");
    },
    takeNews() {
      const had = hasNews;
      hasNews = false;
      return had;
    },
  };
}

function trackSeries(catalogue: Catalogue, alreadyLogged: number) {
  let logged = alreadyLogged;
  return {
    unloggedSeries: () => {
      const size = catalogue.size;
      return size > logged ? { bytes: packSeries(catalogue, logged), size } : undefined;
    },
    seriesLogged: (size: number) => {
      logged = size;
    },
  };
}
