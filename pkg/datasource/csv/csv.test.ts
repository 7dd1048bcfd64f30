import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { toColumns, toSchema } from "../columns.ts";
import type { DataRecord } from "../port.ts";
import { readCsv, writeCsv } from "./csv.ts";
import { type Dialect, detectDialect, spreadsheetDialect } from "./dialect.ts";

const columns = toColumns(
  toSchema({ name: "text", height: "number?", live: "boolean?", tags: "json?", note: "text?" }),
);
const read = (text: string | Uint8Array) =>
  readCsv(typeof text === "string" ? Buffer.from(text) : text, columns, "racks.csv");
const plain: Dialect = { delimiter: ",", lineEnd: "\n", byteOrderMark: false };

describe("CSV as spreadsheets write it", () => {
  const expected = [{ name: "機房 1", height: 1.5, live: true, note: 'a "b"' }];
  it.each([
    ["Excel, UTF-8", '\uFEFFname,height,live,note\r\n機房 1,1.5,TRUE,"a ""b"""\r\n'],
    ["Excel where the comma is the decimal sign", '\uFEFFname;height;live;note\r\n機房 1;1,5;TRUE;"a ""b"""\r\n'],
    ["tabs", 'name\theight\tlive\tnote\n機房 1\t1.5\ttrue\t"a ""b"""\n'],
    ["no line end at the end", 'name,height,live,note\n機房 1,1.5,1,"a ""b"""'],
    ["empty lines below", 'name,height,live,note\r\n機房 1,1.5,TRUE,"a ""b"""\r\n,,,\r\n\r\n'],
    ["other order, spaces in the header", 'height , live,note, name\n1.5,true,"a ""b""",機房 1\n'],
  ])("%s", async (_what, text) => {
    expect(await read(text)).toEqual(expected);
  });

  it("in UTF-16, as Excel's Unicode text", async () => {
    const text = '\uFEFFname\theight\tlive\tnote\r\n機房 1\t1.5\tTRUE\t"a ""b"""\r\n';
    expect(await read(Buffer.from(text, "utf16le"))).toEqual(expected);
  });

  it("keeps line ends and delimiters inside quotes", async () => {
    expect(await read('name,note\na,"one\r\ntwo;\nthree,"\n')).toEqual([{ name: "a", note: "one\r\ntwo;\nthree," }]);
  });

  it("reads entries of an object from columns of their own", async () => {
    expect(await read("name,tags.room,tags.rack\na,R1,\nb,,\n")).toEqual([
      { name: "a", tags: { room: "R1" } },
      { name: "b", tags: null },
    ]);
    expect(await read('name,tags\na,"{""room"":""R1""}"\n')).toEqual([{ name: "a", tags: { room: "R1" } }]);
    const [record] = await read("name,tags.__proto__\na,x\n");
    expect(Object.keys(record?.["tags"] ?? {})).toEqual(["__proto__"]);
  });

  it("puts entries into an object of the record's own, though every object inherits something of that name", async () => {
    const inherited = toColumns(toSchema({ name: "text", valueOf: "json?" }));
    const [record] = await readCsv(Buffer.from("name,valueOf.room\na,R1\n"), inherited, "racks.csv");
    expect(Object.entries(record ?? {})).toEqual([
      ["name", "a"],
      ["valueOf", { room: "R1" }],
    ]);
    expect(Object.hasOwn(Object.prototype.valueOf, "room")).toBe(false);
  });

  it.each([
    ["color", "name,color\na,red\n", 'no column "color"'],
    ["a column twice", "name,name\na,b\n", "comes twice"],
    ["a line with too many cells", "name,note\na,b,c\n", "no CSV"],
    ["a quote that is never closed", 'name,note\n"a,b\n', "no CSV"],
  ])("refuses %s", async (_what, text, why) => {
    await expect(read(text)).rejects.toMatchObject({ code: "unprocessable", message: expect.stringContaining(why) });
  });

  it("refuses Big5, and says how to save", async () => {
    await expect(read(Buffer.from([0x6e, 0x0a, 0xbe, 0xf7, 0xa9, 0xd0]))).rejects.toThrow("CSV UTF-8");
  });

  it("nothing is nothing", async () => {
    expect(await read("")).toEqual([]);
    expect(await read("\uFEFFname,note\r\n")).toEqual([]);
  });
});

describe("CSV that a spreadsheet does not run", () => {
  const dangers = [
    "=1+1",
    "+1",
    "-1",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "\n=1",
    " =1",
    "＝1",
    "'=1",
    "''+",
    '=HYPERLINK("http://x","y")',
  ];
  it.each(dangers)("%j stands behind a ' and comes back the same", async (text) => {
    const csv = await writeCsv([{ name: text, note: "a", height: -1 }], columns, plain);
    const cell = csv.split("name,height,live,tags,note\n")[1] ?? "";
    expect(cell.replace(/^"/, "")).toMatch(/^'/);
    expect(cell).toContain(",-1,");
    expect((await read(csv))[0]?.["name"]).toBe(text);
  });

  it("leaves what only looks alike", async () => {
    expect(await writeCsv([{ name: "'t is", note: "a=b" }], columns, plain)).toContain("\n't is,,,,a=b\n");
  });

  it("also in the names of entries", async () => {
    const csv = await writeCsv([{ name: "a", tags: { "=cmd": "x" } }], columns, plain);
    expect(csv.split("\n")[0]).toBe("name,height,live,tags.=cmd,note");
  });
});

it("gives back any record in any dialect", async () => {
  const text = fc.string({ unit: "grapheme", maxLength: 20 });
  const special = fc.array(fc.constantFrom("'", '"', ",", ";", "\t", "\r", "\n", "=", "+", "-", "@", " ", "＝", "a"), {
    maxLength: 6,
  });
  const anyText = fc.oneof(
    text,
    special.map((parts) => parts.join("")),
  );
  const record: fc.Arbitrary<DataRecord> = fc.record({
    name: anyText,
    height: fc.option(fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0)),
    live: fc.option(fc.boolean()),
    tags: fc.option(
      fc.dictionary(
        text.filter((key) => key.trim() === key && !key.startsWith("'")),
        anyText,
        { maxKeys: 3 },
      ),
    ),
    note: fc.option(anyText),
  });
  const dialect = fc.record<Dialect>({
    delimiter: fc.constantFrom(",", ";", "\t"),
    lineEnd: fc.constantFrom("\n", "\r\n"),
    byteOrderMark: fc.boolean(),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(record, { minLength: 1, maxLength: 5 }), dialect, async (records, how) => {
      const csv = await writeCsv(records, columns, how);
      expect(await read(csv)).toEqual(records);
    }),
    { numRuns: 300 },
  );
});

it("takes no entry and no field for there that every object has by itself", async () => {
  const records: DataRecord[] = [
    { name: "a", height: null, live: null, tags: { valueOf: "1" }, note: null },
    { name: "b", height: null, live: null, tags: { room: "R1" }, note: null },
  ];
  expect(await read(await writeCsv(records, columns, plain))).toEqual(records);
  const odd = toColumns(toSchema({ name: "text", constructor: "text?" }));
  expect(await writeCsv([{ name: "a" }], odd, plain)).toBe("name,constructor\na,\n");
});

it("keeps the dialect of a file", async () => {
  const german: Dialect = { delimiter: ";", lineEnd: "\r\n", byteOrderMark: true };
  expect(detectDialect(await writeCsv([{ name: "a" }], columns, german))).toEqual(german);
  expect(detectDialect(await writeCsv([{ name: "a" }], columns, spreadsheetDialect))).toEqual(spreadsheetDialect);
});
