import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { createBlockBuilder } from "./block.ts";
import { createDayReader, type DayReader } from "./day-reader.ts";
import { dayMs, openDayFile } from "./days.ts";
import { createBlockDecoder } from "./decoder.ts";
import { createWords } from "./words.ts";

const day = 20_000;
const startMs = day * dayMs;
let folder: string;
let reader: DayReader | undefined;
const damage: string[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "detectviz-days-"));
  damage.length = 0;
});
afterEach(() => {
  reader?.close();
  reader = undefined;
  rmSync(folder, { recursive: true, force: true });
});

it("reads what it has read before from memory, and new blocks once it was told of them", () => {
  write(0, 1);
  const { sums, change } = open();
  expect(sums()).toEqual([1]);
  change("update block set data = zeroblob(10)");
  expect(sums()).toEqual([1]);
  write(1, 2);
  expect(sums()).toEqual([1]);
  reader?.added();
  expect([sums(), reader?.additions, damage]).toEqual([[1, 2], 1, []]);
});

it("looks again when a block is gone that it has not read yet, and gives none of two states", () => {
  write(0, 1);
  write(10, 2);
  const { sums, change } = open();
  expect(sums(startMs, startMs + 5)).toEqual([1]);
  write(20, 3);
  change("delete from block where id <= 2");
  expect(sums()).toEqual([3]);
});

it("forgets all when files were replaced, and keeps nothing for which there is no room", () => {
  write(0, 1);
  const { sums, change } = open();
  expect(sums()).toEqual([1]);
  change("update block set data = zeroblob(10)");
  reader?.refresh();
  expect([sums(), damage]).toEqual([[], [expect.stringContaining(`block 1 of day ${day} is damaged`)]]);
  write(1, 5);
  const small = open(1);
  expect(small.sums()).toEqual([5]);
  small.change("delete from block");
  expect(small.sums()).toEqual([]);
});

/** Writes a block with one sample so many ms after the day's begin. */
function write(atMs: number, value: number): void {
  const builder = createBlockBuilder();
  const words = createWords(1);
  words.value[0] = value;
  builder.add({ member: 0, kind: 0, timeMs: Float64Array.of(startMs + atMs), words });
  const file = openDayFile(folder, day);
  const insert = file.prepare("insert into block (series_group, from_ms, to_ms, data) values (0, ?, ?, ?)");
  insert.run(startMs + atMs, startMs + atMs, builder.take());
  file.close();
}

function open(keptBytes = 1_000_000) {
  reader?.close();
  reader = createDayReader({ folder, keptBytes, onDamage: (text) => void damage.push(text) });
  const decoder = createBlockDecoder();
  return {
    /** The value of each block, as the reader gives them. */
    sums(fromMs = startMs, toMs = startMs + dayMs - 1): (number | undefined)[] {
      const found: (number | undefined)[] = [];
      reader?.eachBlock(0, fromMs, toMs, ({ block }) => {
        decoder.open(block);
        found.push(decoder.numbers(0)[0]);
      });
      return found;
    },
    /** Changes the file behind the reader's back. */
    change(sql: string): void {
      const file = openDayFile(folder, day);
      file.exec(sql);
      file.close();
    },
  };
}
