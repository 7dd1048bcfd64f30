import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Chunk, createBlockBuilder, readBlock } from "./block.ts";
import { createScratchRoom } from "./values.ts";
import { createWords } from "./words.ts";

const dayMs = 86_400_000;
const ascending = fc
  .uniqueArray(fc.integer({ min: 0, max: dayMs - 1 }), { minLength: 1, maxLength: 40 })
  .map((times) => Float64Array.from(times).sort());

/** Words of floats with these values; NaN with the payload that Prometheus uses for staleness too. */
const floatWords = (length: number) =>
  fc
    .oneof(
      fc.array(fc.double(), { minLength: length, maxLength: length }),
      fc.array(fc.constantFrom(0, -0, Infinity, -Infinity, NaN, 5e-324, Number.MAX_VALUE, 2 ** 53), {
        minLength: length,
        maxLength: length,
      }),
      fc.array(
        fc.integer({ min: -3000, max: 3000 }).map((n) => n / 10),
        { minLength: length, maxLength: length },
      ),
      fc
        .array(fc.integer({ min: 0, max: 1e9 }), { minLength: length, maxLength: length })
        .map((list) => list.sort((a, b) => a - b)),
    )
    .map((values) => {
      const words = createWords(length);
      words.value.set(values);
      return words;
    });
const intWords = (length: number) =>
  fc
    .array(fc.oneof(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), fc.bigInt({ min: -5n, max: 5n })), {
      minLength: length,
      maxLength: length,
    })
    .map((values) => {
      const words = createWords(length);
      new BigInt64Array(words.value.buffer).set(values);
      return words;
    });
const rawWords = (length: number) =>
  fc.array(fc.integer(), { minLength: length * 2, maxLength: length * 2 }).map((bits) => {
    const words = createWords(length);
    words.bits.set(bits);
    return words;
  });

const chunk = (member: number): fc.Arbitrary<Chunk> =>
  ascending.chain((timeMs) =>
    fc.oneof(
      floatWords(timeMs.length).map((words) => ({ member, kind: 0, timeMs, words })),
      intWords(timeMs.length).map((words) => ({ member, kind: 1, timeMs, words })),
      rawWords(timeMs.length).map((words) => ({ member, kind: 0, timeMs, words })),
      fc
        .array(fc.string({ unit: "grapheme" }), { minLength: timeMs.length, maxLength: timeMs.length })
        .map((texts) => ({ member, kind: 3, timeMs, texts })),
    ),
  );

const comparable = ({ member, kind, timeMs, words, texts }: Chunk) => ({
  member,
  kind,
  timeMs: [...timeMs],
  bits: words && [...words.bits],
  texts: texts && [...texts],
});
const unpack = (packed: Uint8Array, isWanted = (_member: number) => true) => {
  const chunks: Chunk[] = [];
  readBlock(packed, isWanted, (found) => chunks.push(found));
  return chunks.map(comparable);
};

describe("block", () => {
  it("gives back every bit: all doubles with NaN payloads, 64-bit integers, texts", () => {
    fc.assert(
      fc.property(fc.array(fc.nat(127).chain(chunk), { minLength: 1, maxLength: 5 }), (chunks) => {
        const builder = createBlockBuilder();
        for (const each of chunks) builder.add(each);
        expect(unpack(builder.take())).toEqual(chunks.map(comparable));
      }),
      { numRuns: 500 },
    );
  });

  it("reads one member among others that share their times", () => {
    const builder = createBlockBuilder();
    const timeMs = Float64Array.of(1000, 2500, 3000);
    const words = (...values: number[]) => {
      const made = createWords(values.length);
      made.value.set(values);
      return made;
    };
    builder.add({ member: 3, kind: 0, timeMs, words: words(1.5, 2.5, 3.25) });
    builder.add({ member: 4, kind: 0, timeMs, words: words(7, 7, 7) });
    builder.add({ member: 9, kind: 0, timeMs: Float64Array.of(1), words: words(5) });
    const packed = builder.take();
    expect(unpack(packed, (member) => member === 4)).toEqual([
      comparable({ member: 4, kind: 0, timeMs, words: words(7, 7, 7) }),
    ]);
    expect(unpack(packed, (member) => member !== 3)).toHaveLength(2);
    expect(unpack(packed)).toHaveLength(3);
  });

  it("costs little while it is open: a backfill of years has one for each day", () => {
    const room = createScratchRoom();
    const before = process.memoryUsage().arrayBuffers;
    const open = Array.from({ length: 1000 }, (_, day) => {
      const builder = createBlockBuilder(room);
      builder.add({ member: 0, kind: 0, timeMs: Float64Array.of(day * dayMs), words: createWords(1) });
      return builder;
    });
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(5_000_000);
    for (const [day, builder] of open.entries()) expect(unpack(builder.take())[0]?.timeMs).toEqual([day * dayMs]);
  });

  it("keeps times that are no whole milliseconds", () => {
    const builder = createBlockBuilder();
    const timeMs = Float64Array.of(0.25, 1, 1.5);
    builder.add({ member: 0, kind: 2, timeMs, words: createWords(3) });
    expect(unpack(builder.take())[0]?.timeMs).toEqual([...timeMs]);
  });

  it("refuses a block with one bit turned", () => {
    const builder = createBlockBuilder();
    builder.add({ member: 0, kind: 0, timeMs: Float64Array.of(1, 2), words: createWords(2) });
    const packed = builder.take();
    for (let at = 0; at < packed.length; at++) {
      const broken = Uint8Array.from(packed);
      broken[at] = (broken[at] ?? 0) ^ 4;
      expect(() => unpack(broken)).toThrow(RangeError);
    }
  });

  it("needs less than a byte for a status and about one for a gauge of one decimal", () => {
    const length = 120;
    const timeMs = Float64Array.from({ length }, (_, i) => i * 10_000);
    const sizeOf = (value: (i: number) => number) => {
      const [builder, words] = [createBlockBuilder(), createWords(length)];
      words.value.set(Array.from({ length }, (_, i) => value(i)));
      builder.add({ member: 0, kind: 0, timeMs, words });
      return builder.take().length / length;
    };
    expect(sizeOf(() => 1)).toBeLessThan(0.4);
    expect(sizeOf((i) => Math.round(200 + 20 * Math.sin(i / 9)) / 10)).toBeLessThan(0.9);
  });
});
