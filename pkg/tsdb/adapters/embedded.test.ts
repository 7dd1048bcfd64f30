import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createFakeClock } from "#pkg/clock/fake.ts";
import { batchOf } from "#test/fixtures/samples.ts";
import { soon } from "#test/fixtures/until.ts";
import { type Disk, systemDisk } from "../embedded/disk.ts";
import { packFrame, packHeader } from "../embedded/segment.ts";
import type { MetricStore } from "../port.ts";
import { openTsdb, type TsdbOptions } from "./embedded.ts";

const t0 = Date.UTC(2026, 0, 10);
const dayMs = 86_400_000;

let folder: string;
let store: MetricStore;
let clock: ReturnType<typeof createFakeClock>;
const open = async (options: Partial<TsdbOptions> = {}) => {
  store = await openTsdb({ folder, clock, ...options });
  return store;
};
beforeEach(() => {
  clock = createFakeClock(t0);
  folder = mkdtempSync(join(tmpdir(), "detectviz-tsdb-"));
});
afterEach(async () => {
  await store.close();
  rmSync(folder, { recursive: true, force: true });
});
const make = (field = "current") => store.catalogue.intern("pdu", [], field, "float");
const valuesOf = (id: number) => [...(store.read(Uint32Array.of(id), 0, 1e15)[0]?.value ?? [])];
const segments = () =>
  readdirSync(join(folder, "log"))
    .filter((name) => name.endsWith(".log"))
    .map((name) => join(folder, "log", name));
const dayFiles = () => readdirSync(join(folder, "days")).filter((name) => name.endsWith(".db"));

/** The machine's disk with room for so many more bytes: what does not fit is written in part, as a real disk does. */
function createSmallDisk() {
  const room = { bytes: Number.POSITIVE_INFINITY, isSyncBroken: false, isTruncateBroken: false };
  const fail = (code: string) => Promise.reject(Object.assign(new Error(code), { code }));
  const disk: Disk = {
    async create(path) {
      if (room.bytes <= 0) return fail("ENOSPC");
      const file = await systemDisk.create(path);
      return {
        ...file,
        async write(pieces, position) {
          const bytes = Buffer.concat(pieces);
          await file.write([bytes.subarray(0, Math.max(0, Math.min(bytes.length, room.bytes)))], position);
          room.bytes -= bytes.length;
          if (room.bytes < 0) await fail("ENOSPC");
        },
        sync: () => (room.isSyncBroken ? fail("EIO") : file.sync()),
        truncate: (sizeBytes) => (room.isTruncateBroken ? fail("EIO") : file.truncate(sizeBytes)),
      };
    },
  };
  return { disk, room };
}

describe("a log that ends badly", () => {
  const writeTwo = async () => {
    const id = make((await open()) && "current");
    await store.append(batchOf([id, t0, 1]));
    await store.append(batchOf([id, t0 + 1, 2]));
    await store.close();
    return id;
  };

  it.each([1, 5, 20])("cuts the last record when %d bytes of it are missing, says so, and goes on", async (missing) => {
    const id = await writeTwo();
    const [path = ""] = segments();
    truncateSync(path, statSync(path).size - missing);
    await open();
    expect(store.stats().repairs).toEqual([expect.stringMatching(/a write that never ended.*after batch 1/)]);
    expect(valuesOf(id)).toEqual([1]);
    expect(await store.append(batchOf([id, t0 + 5, 5]))).toBe(2);
    await store.close();
    await open();
    expect([store.stats().repairs, valuesOf(id)]).toEqual([[], [1, 5]]);
  });

  it("cuts zeros that a power cut left", async () => {
    const id = await writeTwo();
    appendFileSync(segments()[0] ?? "", Buffer.alloc(500));
    await open();
    expect(store.stats().repairs).toEqual([expect.stringContaining("500 bytes")]);
    expect(valuesOf(id)).toEqual([1, 2]);
  });

  it("removes a file that a full disk left without its header", async () => {
    const id = await writeTwo();
    const [path = ""] = segments();
    writeFileSync(path.replace(/\d{16}/, "0000000000000003"), Buffer.alloc(16));
    await open();
    expect(store.stats().repairs).toEqual([expect.stringContaining("16 bytes of a write that never ended")]);
    expect([segments(), valuesOf(id)]).toEqual([[path], [1, 2]]);
  });

  it("names the batches that a file in the middle has lost without a trace", async () => {
    const id = await writeTwo();
    const [path = ""] = segments();
    const last = path.replace(/\d{16}/, "0000000000000005");
    // The batch in it says nothing of itself, which is told too.
    writeFileSync(last, Buffer.concat([packHeader(5), packFrame("batch", 5, [])]));
    await open();
    expect(store.stats().repairs).toContainEqual(expect.stringContaining("batches 3 to 4 are missing"));
    expect(valuesOf(id)).toEqual([1, 2]);
  });

  it("keeps a copy of damage in the middle, and reads what stands before it", async () => {
    const id = await writeTwo();
    const [path = ""] = segments();
    const bytes = readFileSync(path);
    const at = bytes.length - 40 - 50;
    bytes[at] = (bytes[at] ?? 0) ^ 1;
    writeFileSync(path, bytes);
    await open();
    expect(store.stats().repairs).toEqual([expect.stringMatching(/damaged; a copy is in .*\.damaged/)]);
    expect(valuesOf(id).length).toBeLessThan(2);
    expect(readdirSync(join(folder, "log")).some((name) => name.endsWith(".damaged"))).toBe(true);
  });
});

describe("damage in the day files", () => {
  const seal = async () => {
    await store.seal?.();
    store.release(store.stats().logPosition);
  };

  it("leaves a damaged block out, names it once, and reads the rest", async () => {
    await open();
    const id = make();
    await store.append(batchOf([id, t0, 1]));
    await seal();
    await store.append(batchOf([id, t0 + 1, 2]));
    await seal();
    const database = new DatabaseSync(join(folder, "days", dayFiles()[0] ?? ""));
    database.exec("update block set data = cast(x'00' || substr(data, 2) as blob) where id = 1");
    database.close();
    expect([valuesOf(id), valuesOf(id)]).toEqual([[2], [2]]);
    expect(store.stats().repairs).toEqual([
      expect.stringMatching(/block 1 of day \d+ is damaged \(its checksum is wrong\)/),
    ]);
  });

  it("reads other days when one file is no database, and sets it aside when that day is written again", async () => {
    await open();
    const id = make();
    await store.append(batchOf([id, t0, 1], [id, t0 + dayMs, 2]));
    await seal();
    await store.close();
    writeFileSync(join(folder, "days", dayFiles()[0] ?? ""), "x".repeat(8192));
    await open();
    expect(valuesOf(id)).toEqual([2]);
    await store.append(batchOf([id, t0 + 5, 5]));
    await seal();
    expect(valuesOf(id)).toEqual([5, 2]);
    expect(store.stats().repairs.join()).toMatch(/cannot be read.*set aside as/);
    expect(readdirSync(join(folder, "days")).some((name) => name.includes(".damaged-"))).toBe(true);
  });
});

describe("a disk that fails", () => {
  it("refuses when it is full, reads on, and takes samples again once there is room", async () => {
    const { disk, room } = createSmallDisk();
    await open({ disk });
    const id = make();
    await store.append(batchOf([id, t0, 1]));
    room.bytes = 30;
    const newcomer = make("voltage");
    const refusal = { code: "full", retryAfterS: 10 };
    await expect(store.append(batchOf([newcomer, t0, 5]))).rejects.toMatchObject(refusal);
    await expect(store.append(batchOf([id, t0 + 1, 2]))).rejects.toMatchObject(refusal);
    expect([valuesOf(id), valuesOf(newcomer)]).toEqual([[1], []]);
    room.bytes = 1e6;
    expect(await store.append(batchOf([newcomer, t0 + 2, 3]))).toBe(2);
    await store.close();
    await open();
    expect(store.stats().repairs).toEqual([]);
    expect(store.catalogue.describe(newcomer).field).toBe("voltage");
    expect([valuesOf(id), valuesOf(newcomer)]).toEqual([[1], [3]]);
  });

  it.each([false, true])(
    "stores nothing of a batch whose sync failed (cutting back fails too: %s)",
    async (isTruncateBroken) => {
      const { disk, room } = createSmallDisk();
      await open({ disk });
      const id = make();
      await store.append(batchOf([id, t0, 1]));
      Object.assign(room, { isSyncBroken: true, isTruncateBroken });
      await expect(store.append(batchOf([id, t0 + 1, 2]))).rejects.toMatchObject({ code: "unavailable" });
      Object.assign(room, { isSyncBroken: false, isTruncateBroken: false });
      await store.append(batchOf([id, t0 + 2, 3]));
      expect(valuesOf(id)).toEqual([1, 3]);
      await store.close();
      await open();
      expect(valuesOf(id)).toEqual([1, 3]);
      const replayed: unknown[] = [];
      await store.replay(0, (batch, position) => void replayed.push([position, batch.floats.value[0]]));
      expect(replayed).toEqual([
        [1, 1],
        [2, 3],
      ]);
    },
  );

  it("refuses what would wait too long for the disk", async () => {
    await open({ queueBytes: 50 });
    const id = make();
    const first = store.append(batchOf([id, t0, 1]));
    await expect(store.append(batchOf([id, t0 + 1, 1]))).rejects.toMatchObject({ code: "full", retryAfterS: 1 });
    expect(await first).toBe(1);
    expect(await store.append(batchOf([id, t0 + 1, 1]))).toBe(2);
  });

  it("keeps everything while day files cannot be written, tries again by itself, and refuses before memory runs out", async () => {
    const log = { debug: vi.fn(), info: vi.fn(), warn: vi.fn(), error: vi.fn(), child: () => log };
    await open({ headSamples: 2, log });
    const id = make();
    rmSync(join(folder, "days"), { recursive: true });
    writeFileSync(join(folder, "days"), "in the way");
    await store.append(batchOf([id, t0, 1], [id, t0 + 1, 2]));
    await soon(() => expect(store.stats().sealProblem).toBeDefined());
    expect(log.error).toHaveBeenCalled();
    for (let n = 2; n < 6; n++) await store.append(batchOf([id, t0 + 2 * n, n], [id, t0 + 2 * n + 1, n]));
    await expect(store.append(batchOf([id, t0 + 99, 9]))).rejects.toMatchObject({ code: "full", retryAfterS: 5 });
    expect(valuesOf(id)).toHaveLength(10);
    rmSync(join(folder, "days"));
    mkdirSync(join(folder, "days"));
    clock.advance(30_000);
    await soon(() => expect(store.stats()).toMatchObject({ sealedTo: 1 }));
    expect(store.stats().sealProblem).toBeUndefined();
    expect(valuesOf(id)).toHaveLength(10);
  });
});

describe("two processes", () => {
  it("refuses a second opener and names the first", async () => {
    await open();
    await expect(openTsdb({ folder, clock })).rejects.toThrow(`process ${process.pid} has this store open`);
  });

  it.each([
    ["a dead process", () => `{"pid":${deadPid()},"started":"1"}`],
    ["a process whose number another has now", () => `{"pid":${process.pid},"started":"1"}`],
    ["a process that died while it wrote the lock", () => `{"pi`],
  ])("takes over what %s left", async (_, content) => {
    writeFileSync(join(folder, "lock"), content());
    await open();
    expect(await store.append(batchOf([make(), t0, 1]))).toBe(1);
  });

  function deadPid(): number {
    return Number(execFileSync("sh", ["-c", "echo $$"], { encoding: "utf8" }));
  }

  it("is free again after a process was killed", async () => {
    const child = spawn(process.execPath, [join(import.meta.dirname, "../../../test/fixtures/tsdb-writer.ts"), folder]);
    await once(child.stdout, "data");
    await expect(openTsdb({ folder, clock })).rejects.toMatchObject({ code: "conflict" });
    child.kill("SIGKILL");
    await once(child, "exit");
    expect((await open()).stats().logPosition).toBeGreaterThan(0);
  });
});

describe("upkeep", () => {
  it("seals what has waited long enough, and drops days that are older than the retention", async () => {
    await open({ retentionMs: 10 * dayMs, sealAfterMs: 60_000 });
    const id = make();
    await store.append(batchOf([id, t0, 1]));
    clock.advance(60_000);
    await soon(() => expect(store.stats().headSamples).toBe(0));
    expect(dayFiles()).toHaveLength(1);
    for (let day = 0; day < 12; day++) clock.advance(dayMs);
    await soon(() => expect(dayFiles()).toHaveLength(0));
    expect(valuesOf(id)).toEqual([]);
  });

  it("seals a long log when it closes, and starts with little to read", async () => {
    await open();
    const length = 600_000;
    const [series, timeMs] = [new Uint32Array(length).fill(make()), Float64Array.from({ length }, (_, i) => t0 + i)];
    const empty = batchOf();
    await store.append({ ...empty, floats: { length, series, timeMs, value: timeMs } });
    await store.close();
    await open();
    expect(store.stats()).toMatchObject({ headSamples: 0, sealedTo: 1 });
    expect(store.read(Uint32Array.of(0), t0, t0 + length)[0]?.timeMs).toHaveLength(length);
    expect(statSync(join(folder, "days", dayFiles()[0] ?? "")).size).toBeLessThan(length);
  });

  it.each([true, false])(
    "leaves no log behind that is sealed when it closes if nobody needs it (%s)",
    async (isJudged) => {
      const id = make((await open()) && "current");
      const position = await store.append(batchOf([id, t0, 1]));
      if (isJudged) store.release(position);
      await store.seal?.();
      await store.close();
      expect(segments()).toHaveLength(isJudged ? 0 : 1);
      await open();
      expect([store.stats().repairs, valuesOf(id)]).toEqual([[], [1]]);
      expect(await store.append(batchOf([id, t0 + 1, 2]))).toBe(position + 1);
      await store.close();
      await open();
      expect(valuesOf(id)).toEqual([1, 2]);
    },
  );

  it("says what is wrong when the folder cannot be used", async () => {
    await open();
    const file = join(folder, "file");
    writeFileSync(file, "");
    await expect(openTsdb({ folder: join(file, "tsdb"), clock })).rejects.toMatchObject({ code: "unavailable" });
    await store.close();
    writeFileSync(join(folder, "catalogue.db"), "x".repeat(4096));
    await expect(open()).rejects.toThrow(/catalogue.db is broken/);
    rmSync(join(folder, "catalogue.db"));
    await open();
  });
});
