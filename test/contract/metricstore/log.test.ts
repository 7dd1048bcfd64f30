import { expect, it } from "vitest";
import type { SampleBatch } from "#pkg/contracts/samples.ts";
import { batchOf, rowsOf } from "#test/fixtures/samples.ts";
import { describeStores, t0 } from "./bench.ts";

describeStores("log", (bench) => {
  const { make, seal, reopen } = bench;
  const replayed = async (after: number) => {
    const found: [number, unknown][] = [];
    await bench.store.replay(after, (batch: SampleBatch, position) => void found.push([position, rowsOf(batch)]));
    return found;
  };

  it("numbers batches in order, also when they arrive together and after restarts", async () => {
    const id = make("current");
    const positions = await Promise.all([1, 2, 3, 4].map((n) => bench.store.append(batchOf([id, t0 + n, n]))));
    expect(positions).toEqual([1, 2, 3, 4]);
    await reopen();
    expect(await bench.store.append(batchOf([id, t0 + 5, 5]))).toBe(5);
    await seal();
    bench.store.release(5);
    await reopen();
    expect(await bench.store.append(batchOf([id, t0 + 6, 6]))).toBe(6);
  });

  it("hands batches over again from any position, whole, also those that are sealed", async () => {
    const ids = [make("a"), make("b", [], "int"), make("c", [], "bool"), make("d", [], "string")];
    const [a = 0, b = 0, c = 0, d = 0] = ids;
    const rows = [
      [a, t0, 1.5],
      [b, t0, -(2n ** 63n)],
      [c, t0 + 1, true],
      [d, t0, "x"],
    ] as const;
    await bench.store.append(batchOf(...rows));
    await bench.store.append(batchOf([a, t0 + 1, 2], [a, t0 + 1, 3]));
    await seal();
    await bench.store.append(batchOf([a, t0 + 2, 4]));
    const expected = [
      [1, rows],
      [
        2,
        [
          [a, t0 + 1, 2],
          [a, t0 + 1, 3],
        ],
      ],
      [3, [[a, t0 + 2, 4]]],
    ];
    expect(await replayed(0)).toEqual(expected);
    await reopen();
    expect(await replayed(1)).toEqual(expected.slice(1));
    expect(await replayed(3)).toEqual([]);
  });

  it("keeps the log until it is both sealed and released", async () => {
    const id = make("current");
    await bench.store.append(batchOf([id, t0, 1]));
    await seal();
    await bench.store.append(batchOf([id, t0 + 1, 2]));
    expect((await replayed(0)).map(([position]) => position)).toEqual([1, 2]);
    bench.store.release(2);
    await seal();
    await bench.store.append(batchOf([id, t0 + 2, 3]));
    bench.store.release(2);
    await seal();
    expect((await replayed(2)).map(([position]) => position)).toEqual([3]);
    await expect(replayed(0)).rejects.toThrow(/the log begins at position 3.*go on from 2/);
    expect(bench.store.stats()).toMatchObject({ logPosition: 3, sealedTo: 3, releasedTo: 2, headSamples: 0 });
  });
});
