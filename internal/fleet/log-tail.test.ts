import { appendFileSync, existsSync, mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { createBackOff } from "./back-off.ts";
import { createLogTail } from "./log-tail.ts";

it("a log's tail keeps the last lines, whole ones only, and bounds the file", () => {
  const folder = mkdtempSync(join(tmpdir(), "detectviz-log-"));
  const file = join(folder, "telegraf.log");
  const tail = createLogTail(file);
  tail.poll();
  expect(tail.lines()).toEqual([]);
  appendFileSync(file, "one\ntw");
  tail.poll();
  appendFileSync(file, "o\nthree\n");
  tail.poll();
  expect(tail.lines()).toEqual(["one", "two", "three"]);
  appendFileSync(file, `${"x".repeat(100)}\n`.repeat(12_000));
  tail.poll();
  tail.poll();
  expect(tail.lines()).toHaveLength(100);
  expect(existsSync(`${file}.1`)).toBe(true);
  expect(statSync(file).size).toBe(0);
  appendFileSync(file, "after\n");
  tail.poll();
  expect(tail.lines().at(-1)).toBe("after");
  rmSync(folder, { recursive: true });
});

it("the back-off doubles to a minute and is forgotten after a minute of health", () => {
  const backOff = createBackOff();
  expect([0, 0, 0, 0, 0, 0, 0, 0].map((ranMs) => backOff.next(ranMs) / 1000)).toEqual([1, 2, 4, 8, 16, 32, 60, 60]);
  expect(backOff.next(60_000)).toBe(1000);
  backOff.next(0);
  backOff.reset();
  expect(backOff.next(0)).toBe(1000);
});
