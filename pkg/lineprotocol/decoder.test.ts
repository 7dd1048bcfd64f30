import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { AppError } from "#pkg/errors/errors.ts";
import { decodeAll, nowMs } from "#test/fixtures/decode-lines.ts";
import { createDecoder } from "./decoder.ts";

const folder = join(import.meta.dirname, "testcases");

describe("line protocol, case by case", () => {
  for (const name of readdirSync(folder)) {
    it(name, () => {
      const expected: unknown = JSON.parse(readFileSync(join(folder, name, "expected.json"), "utf8"));
      const { samples, rejected } = decodeAll(readFileSync(join(folder, name, "body.lp")));
      expect({ samples, rejected }).toEqual(expected);
    });
  }
});

describe("the decoder", () => {
  it("reads times of each precision to whole milliseconds", () => {
    const times = [
      { precision: "ns", text: "1700000000123999999" },
      { precision: "us", text: "1700000000123999" },
      { precision: "ms", text: "1700000000123" },
      { precision: "s", text: "1700000000" },
    ] as const;
    const read = times.map(
      ({ precision, text }) => decodeAll(Buffer.from(`m f=1 ${text}\n`), { precision }).samples[0],
    );
    expect(read.map((sample) => sample?.timeMs)).toEqual([
      1_700_000_000_123, 1_700_000_000_123, 1_700_000_000_123, 1_700_000_000_000,
    ]);
  });

  it("refuses a line whose series is refused, with the reason, and takes the next", () => {
    const intern = (_measurement: string, _tags: unknown, field: string) => {
      if (field === "many") throw new AppError("full", { message: "10 series are the limit", mend: "drop a tag" });
      return 0;
    };
    const { samples, rejected } = decodeAll(Buffer.from("m a=1,many=2\nm a=3\n"), { intern });
    expect(rejected).toEqual([{ line: 1, detail: "10 series are the limit: drop a tag" }]);
    expect(samples.map((sample) => sample.value)).toEqual([3]);
  });

  it("does not hide a fault of its own as a refused line", () => {
    const intern = () => {
      throw new TypeError("a bug");
    };
    expect(() => decodeAll(Buffer.from("m a=1\n"), { intern })).toThrow("a bug");
  });

  it("asks for no series of a line that it refuses", () => {
    const asked: string[] = [];
    const intern = (measurement: string) => asked.push(measurement);
    decodeAll(Buffer.from("bad a=1,b=oops\nold a=1 5\ngood a=1\n"), { intern });
    expect(asked).toEqual(["good"]);
  });

  it("lists 100 refused lines and counts them all", () => {
    const { rejected, rejectedCount } = decodeAll(Buffer.from("x\n".repeat(250)));
    expect([rejected.length, rejectedCount, rejected.at(-1)?.line]).toEqual([100, 250, 100]);
  });

  it("cuts a body into parts at line ends and goes on counting lines", () => {
    const body = Buffer.from('m a=1\nm s="1\n2"\nm a=2\nbad\nm a=3\n');
    const decoder = createDecoder({ intern: () => 0, nowMs: () => nowMs });
    const parts = [...decoder.parts(body, { precision: "ns", oldestMs: 0, newestMs: nowMs, partBytes: 10 })];
    expect(parts.map((part) => part.accepted)).toEqual([2, 1, 1]);
    expect(parts.flatMap((part) => part.rejected.map(({ line }) => line))).toEqual([5]);
  });

  it("keeps apart what comes in no order at all", () => {
    const at = (step: number) => (step * 7919) % 499;
    const lines = Array.from({ length: 3000 }, (_, step) => `m,a=${at(step)} f${at(step) % 7}=${step}\n`);
    const { samples } = decodeAll(Buffer.from(lines.join("")));
    expect(samples.map(({ series, value }) => `${series} ${value}`)).toEqual(
      lines.map((_, step) => `m,a=${at(step)} f${at(step) % 7} float ${step}`),
    );
  });

  it("learns again what it forgot when too many names were seen", () => {
    const lines = Array.from({ length: 100 }, (_, at) => `m,a=${at % 30} f=${at}\n`).join("");
    const { samples } = decodeAll(Buffer.from(lines), { partBytes: 100, maxNames: 8 });
    expect(samples.map(({ series, value }) => [series, value])).toEqual(
      Array.from({ length: 100 }, (_, at) => [`m,a=${at % 30} f float`, at]),
    );
  });
});
