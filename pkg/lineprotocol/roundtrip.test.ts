import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeAll, nowMs, type Sample } from "#test/fixtures/decode-lines.ts";

/** What a name can hold: a line cannot say a newline, and a backslash at the end would escape what follows. */
const name = fc
  .string({ unit: "grapheme", minLength: 1, maxLength: 12 })
  .filter((text) => !/[\n\r]|\\$|^#|^ /u.test(text) && text.isWellFormed());
const escapeName = (text: string) => text.replace(/[,= ]/g, "\\$&");
const escapeMeasurement = (text: string) => text.replace(/[, ]/g, "\\$&");

const value = fc.oneof(
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((number) => ({
    kind: "float",
    text: Object.is(number, -0) ? "-0" : String(number),
    value: number,
  })),
  fc.integer({ min: -99_999_999, max: 99_999_999 }).map((number) => ({
    kind: "float",
    text: (number / 1000).toFixed(3),
    value: Number((number / 1000).toFixed(3)),
  })),
  fc
    .bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })
    .map((number) => ({ kind: "int", text: `${number}i`, value: String(number) })),
  fc.boolean().map((truth) => ({ kind: "bool", text: String(truth), value: truth })),
  fc
    .string({ unit: "grapheme", maxLength: 20 })
    .filter((text) => text.isWellFormed())
    .map((text) => ({ kind: "string", text: `"${text.replace(/["\\]/g, "\\$&")}"`, value: text })),
);

const line = fc
  .record({
    measurement: name,
    tags: fc.uniqueArray(fc.tuple(name, name), { selector: ([key]) => key, maxLength: 4 }),
    fields: fc.uniqueArray(fc.tuple(name, value), { selector: ([key]) => key, minLength: 1, maxLength: 5 }),
    timeMs: fc.integer({ min: nowMs - 80_000_000, max: nowMs }),
  })
  .map(({ measurement, tags, fields, timeMs }) => {
    const key = [escapeMeasurement(measurement), ...tags.map((tag) => tag.map(escapeName).join("="))].join(",");
    const fieldText = fields.map(([field, { text }]) => `${escapeName(field)}=${text}`).join(",");
    const sorted = tags.map(([tag, tagValue]) => `${tag}=${tagValue}`);
    const order = new Map(tags.map(([tag, tagValue]) => [`${tag}=${tagValue}`, tag]));
    sorted.sort((a, b) => ((order.get(a) ?? "") < (order.get(b) ?? "") ? -1 : 1));
    const series = [measurement, ...sorted].join(",");
    const samples: Sample[] = fields.map(([field, { kind, value }]) => ({
      series: `${series} ${field} ${kind}`,
      timeMs,
      value,
    }));
    return { text: `${key} ${fieldText} ${timeMs}000000`, samples };
  });

const inOrder = (samples: readonly Sample[]) =>
  samples
    .map((sample) => `${sample.series} ${sample.timeMs} ${Object.is(sample.value, -0) ? "-0" : sample.value}`)
    .sort();

describe("line protocol, any of it", () => {
  it("comes out as it was written, at first sight and at the second", () => {
    fc.assert(
      fc.property(fc.array(line, { maxLength: 8 }), (lines) => {
        const text = [...lines, ...lines].map((each) => each.text).join("\n");
        const { samples, rejected } = decodeAll(Buffer.from(text));
        expect(rejected).toEqual([]);
        expect(inOrder(samples)).toEqual(inOrder([...lines, ...lines].flatMap((each) => each.samples)));
      }),
      { numRuns: 300 },
    );
  });

  it("survives any bytes, and takes the good line behind them", () => {
    const good = 'pdu,room=R1 current=1.5,name="x" 1700000000000000000';
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 60 }),
      fc.string({ unit: fc.constantFrom(...'m,= \\"i1.-#\n\r'), maxLength: 40 }).map((text) => Buffer.from(text)),
    );
    fc.assert(
      fc.property(bytes, (noise) => {
        const { samples } = decodeAll(Buffer.concat([Buffer.from(`${good}\n`), noise, Buffer.from(`\n\n${good}\n`)]));
        const taken = samples.filter((sample) => sample.series === "pdu,room=R1 current float" && sample.value === 1.5);
        expect(taken.length).toBe(2);
      }),
      { numRuns: 2000 },
    );
  });

  it("stays quick on long bodies made to be slow", () => {
    const bodies = ['m a="\n', 'm a="\\"\n', "m a=1,b=\n", "m,a=1,a=1 f=1\n", "m\\", "m a=1,", "# \n", "m a=11111111"];
    const before = process.cpuUsage(); // others share the machine
    for (const body of bodies) decodeAll(Buffer.from(body.repeat(2_000_000 / body.length)));
    const { user, system } = process.cpuUsage(before);
    expect((user + system) / 1000).toBeLessThan(10_000);
  });
});
