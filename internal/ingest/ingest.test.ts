import { gzipSync } from "node:zlib";
import { Value } from "typebox/value";
import { beforeEach, describe, expect, it } from "vitest";
import { createFakeClock } from "#pkg/clock/fake.ts";
import type { LogPosition, SampleBatch } from "#pkg/contracts/samples.ts";
import { AppError } from "#pkg/errors/errors.ts";
import { silentLogger } from "#pkg/logger/logger.ts";
import type { Logger } from "#pkg/logger/port.ts";
import { type IngestConfig, ingestConfig } from "./config.ts";
import { createIngest } from "./ingest.ts";

const nowMs = 1_700_000_000_000;
const plain = { gzip: false, precision: "ns" } as const;
const packed = { gzip: true, precision: "ns" } as const;

/** A store that keeps batches in memory and says "on disk" when it is told to. */
function createHeldStore() {
  const batches: SampleBatch[] = [];
  const waiting: { resolve(position: LogPosition): void; reject(error: Error): void }[] = [];
  let series = 0;
  return {
    catalogue: { intern: () => series++ },
    batches,
    held: false,
    append(batch: SampleBatch): Promise<LogPosition> {
      batches.push(batch);
      if (!this.held) return Promise.resolve(batches.length);
      return new Promise((resolve, reject) => waiting.push({ resolve, reject }));
    },
    waiting,
  };
}

function start(config: Partial<IngestConfig> = {}, log: Logger = silentLogger) {
  const store = createHeldStore();
  const clock = createFakeClock(nowMs);
  const full = { ...Value.Parse(ingestConfig, Value.Default(ingestConfig, {})), ...config };
  return {
    store,
    clock,
    ingest: createIngest({ store, clock, log, config: () => full, retentionMs: () => 86_400_000 }),
  };
}

const turns = () => new Promise((resolve) => setImmediate(resolve));
const refusalOf = (promise: Promise<unknown>) =>
  promise.then(
    () => undefined,
    (error: unknown) => (error instanceof AppError ? { code: error.code, retryAfterS: error.retryAfterS } : error),
  );

describe("ingest", () => {
  let it_: ReturnType<typeof start>;
  beforeEach(() => {
    it_ = start();
  });

  it("stores the good lines of a body and names the others", async () => {
    const answer = await it_.ingest.write(Buffer.from("m a=1\nm b=oops\nm a=2i\n"), plain);
    expect(answer).toMatchObject({ accepted: 2, rejectedCount: 1, rejected: [{ line: 2 }] });
    expect(it_.ingest.stats()).toMatchObject({ lines: 2, values: 2, rejected: 1, queueBytes: 0, lastArrivalMs: nowMs });
  });

  it("refuses samples older than the retention and further ahead than max_ahead, line by line", async () => {
    const day = 86_400_000;
    const body = [nowMs - day - 1, nowMs - day, nowMs + day, nowMs + day + 1].map((at) => `m a=1 ${at}`).join("\n");
    const answer = await it_.ingest.write(Buffer.from(body), { gzip: false, precision: "ms" });
    expect(answer.rejected.map(({ line }) => line)).toEqual([1, 4]);
  });

  it("stores nothing for a body without lines", async () => {
    expect(await it_.ingest.write(Buffer.from("# nothing\n"), plain)).toMatchObject({ accepted: 0, rejectedCount: 0 });
    expect(it_.store.batches).toEqual([]);
  });

  it("unpacks gzip, and refuses what is none, is cut short, or unpacks to too much", async () => {
    const small = start({ max_body: "1MB" }).ingest;
    const body = gzipSync("m a=1\n");
    expect(await small.write(body, packed)).toMatchObject({ accepted: 1 });
    expect(await refusalOf(small.write(Buffer.from("m a=1\n"), packed))).toMatchObject({ code: "bad_request" });
    expect(await refusalOf(small.write(body.subarray(0, 20), packed))).toMatchObject({ code: "bad_request" });
    expect(await refusalOf(small.write(Buffer.alloc(0), packed))).toMatchObject({ code: "bad_request" });
    const bomb = gzipSync(Buffer.alloc(8 * 1024 * 1024, "m a=1\n"));
    expect(await refusalOf(small.write(bomb, packed))).toMatchObject({ code: "too_large" });
    expect(small.stats().queueBytes).toBe(0);
  });

  it("unpacks many bodies at once without losing one", async () => {
    const body = gzipSync("m a=1\n");
    const answers = await Promise.all(Array.from({ length: 20 }, () => it_.ingest.write(body, packed)));
    expect(answers.map(({ accepted }) => accepted)).toEqual(Array(20).fill(1));
  });

  it("refuses a body larger than max_body", async () => {
    const { ingest } = start({ max_body: "1KB" });
    expect(await refusalOf(ingest.write(Buffer.alloc(1025, "\n"), plain))).toMatchObject({ code: "too_large" });
  });

  it("says full, with when to come again, while the queue is; and takes the next when there is room", async () => {
    const { ingest, store } = start({ max_body: "1KB", queue: "1KB" });
    const body = Buffer.from(`m a=1\n${"#".repeat(600)}\n`);
    store.held = true;
    const first = ingest.write(body, plain);
    expect(await refusalOf(ingest.write(body, plain))).toEqual({ code: "full", retryAfterS: 1 });
    expect(ingest.stats()).toMatchObject({ queueBytes: body.length, queueLimitBytes: 1024 });
    store.waiting[0]?.resolve(1);
    await first;
    store.held = false;
    expect(await ingest.write(body, plain)).toMatchObject({ accepted: 1 });
  });

  it("counts an unpacked body at its full size", async () => {
    const { ingest, store } = start({ max_body: "2KB", queue: "2KB" });
    store.held = true;
    const first = ingest.write(Buffer.from(`m a=1\n${"#".repeat(1500)}\n`), plain);
    const second = ingest.write(gzipSync(`m a=1\n${"#".repeat(1500)}\n`), packed);
    expect(await refusalOf(second)).toEqual({ code: "full", retryAfterS: 1 });
    store.waiting[0]?.resolve(1);
    await first;
    expect(ingest.stats().queueBytes).toBe(0);
  });

  it("hands on the store's refusal, and takes the next body", async () => {
    it_.store.held = true;
    const refused = it_.ingest.write(Buffer.from("m a=1\n"), plain);
    it_.store.waiting[0]?.reject(new AppError("full", { message: "no space left on the disk" }));
    expect(await refusalOf(refused)).toMatchObject({ code: "full" });
    it_.store.held = false;
    expect(await it_.ingest.write(Buffer.from("m a=1\n"), plain)).toMatchObject({ accepted: 1 });
    expect(it_.ingest.stats()).toMatchObject({ lines: 1, values: 1 });
  });

  it("tells listeners in the order of the log, only what is on disk, and before the writer hears", async () => {
    it_.store.held = true;
    const heard: number[] = [];
    it_.ingest.onBatch((batch, position) => heard.push(position, batch.floats.value[0] ?? 0));
    const writes = [1, 2, 3].map((value) => it_.ingest.write(Buffer.from(`m a=${value}\n`), plain));
    const [first, second, third] = it_.store.waiting;
    third?.resolve(3);
    second?.reject(new AppError("full", { message: "no space left on the disk" }));
    await refusalOf(writes[1] ?? Promise.resolve());
    await turns();
    expect(heard).toEqual([]);
    first?.resolve(1);
    await writes[2];
    expect(heard).toEqual([1, 1, 3, 3]);
  });

  it("is not broken by a listener, and stops telling one that left", async () => {
    const heard: number[] = [];
    it_.ingest.onBatch(() => {
      throw new Error("a listener's fault");
    });
    const leave = it_.ingest.onBatch((_batch, position) => heard.push(position));
    expect(await it_.ingest.write(Buffer.from("m a=1\n"), plain)).toMatchObject({ accepted: 1 });
    leave();
    await it_.ingest.write(Buffer.from("m a=1\n"), plain);
    expect(heard).toEqual([1]);
  });

  it("takes the node's own samples through the same door", async () => {
    const batch = {
      floats: { length: 1, series: Uint32Array.of(0), timeMs: Float64Array.of(nowMs), value: Float64Array.of(1) },
      ints: { length: 0, series: new Uint32Array(), timeMs: new Float64Array(), value: new BigInt64Array() },
      bools: { length: 0, series: new Uint32Array(), timeMs: new Float64Array(), value: new Uint8Array() },
      strings: { length: 0, series: new Uint32Array(), timeMs: new Float64Array(), value: [] },
    };
    expect(await it_.ingest.writeBatch(batch)).toBe(1);
    expect(it_.ingest.stats()).toMatchObject({ values: 1, lines: 0 });
  });

  it("writes a long body in parts", async () => {
    const lines = 500_000;
    expect(await it_.ingest.write(Buffer.from("m a=1,b=2\n".repeat(lines)), plain)).toMatchObject({ accepted: lines });
    expect(it_.store.batches.length).toBe(2);
  });

  it("says in the log that lines were refused, not more than once in 10 s", async () => {
    const said: Record<string, unknown>[] = [];
    const log = { ...silentLogger, warn: (fields: Record<string, unknown>) => said.push(fields) };
    const { ingest, clock } = start({}, log);
    for (let round = 0; round < 3; round++) await ingest.write(Buffer.from("bad\n"), plain);
    clock.advance(10_000);
    await ingest.write(Buffer.from("m a=1\n"), plain);
    expect(said).toMatchObject([{ refused: 1, example: { line: 1 } }, { refused: 2 }]);
  });
});
