import { createCatalogue } from "#pkg/tsdb/embedded/catalogue.ts";
import { packBatch, unpackBatch } from "#pkg/tsdb/embedded/record.ts";
import { type LogRecord, packFrame, packHeader, readRecords, type SegmentEnd } from "#pkg/tsdb/embedded/segment.ts";
import { packSeries, unpackSeries } from "#pkg/tsdb/embedded/series-record.ts";
import type { Random } from "../fixtures/random.ts";
import { batchOf, type Row, rowsOf } from "../fixtures/samples.ts";
import { type FuzzTarget, WrongAnswer } from "./target.ts";

const damagesPerCase = 9;

/** The log reader: whole logs come back; of damaged ones only what was written, and that something is missing is said. */
export function createLogTarget(): FuzzTarget {
  return {
    name: "log",
    inputsPerCase: 1 + damagesPerCase,
    run(random) {
      const written = randomLog(random);
      checkWhole(written, readImage(toImage(written.map(({ bytes }) => bytes))));
      for (let i = 0; i < damagesPerCase; i++) checkDamaged(written, damage(written, random));
      for (let i = 0; i < 3; i++) checkHostileRecord(random.pick(written), random);
    },
  };
}

/** One record of a log as it was written. */
interface Written {
  kind: LogRecord["kind"];
  position: number;
  /** With its frame. */
  bytes: Uint8Array;
  body: Buffer;
  rows: readonly Row[];
}

function readImage(image: Uint8Array): { records: LogRecord[]; end: SegmentEnd } {
  const { records, end } = readRecords(Buffer.from(image.buffer, image.byteOffset, image.byteLength), 1);
  return { records: [...records], end };
}

function randomLog(random: Random): Written[] {
  const catalogue = createCatalogue(1000);
  const written: Written[] = [];
  let [position, logged] = [0, 0];
  for (let left = random.int(1, 8); left > 0; left--) {
    const rows = randomRows(random, (name, kind) => catalogue.intern(name, [["d", "1"]], `f${kind}`, kind));
    if (catalogue.size > logged) {
      written.push(toWritten("series", position, [packSeries(catalogue, logged)], []));
      logged = catalogue.size;
    }
    position++;
    const packed = packBatch(batchOf(...rows), catalogue.size).map((piece) => Uint8Array.from(piece));
    written.push(toWritten("batch", position, packed, rows));
  }
  return written;
}

function toWritten(
  kind: Written["kind"],
  position: number,
  pieces: readonly Uint8Array[],
  rows: readonly Row[],
): Written {
  const body = Buffer.concat(pieces);
  return { kind, position, body, rows, bytes: Buffer.concat([packFrame(kind, position, pieces), body]) };
}

type Kind = "float" | "int" | "bool" | "string";

function randomRows(random: Random, intern: (name: string, kind: Kind) => number): Row[] {
  return Array.from({ length: random.int(0, 12) }, (): Row => {
    const kind = random.pick(["float", "int", "bool", "string"] as const);
    const id = intern(random.pick(["pdu", "ups", "溫度"]), kind);
    const timeMs = 1.7e12 + random.int(0, 5) * 1000 + (random.chance(0.1) ? random.next() : 0);
    if (kind === "float") return [id, timeMs, random.chance(0.1) ? -0 : random.next() * 100];
    if (kind === "int") return [id, timeMs, BigInt(random.int(-5, 5)) * 2n ** BigInt(random.int(0, 60))];
    return [id, timeMs, kind === "bool" ? random.chance(0.5) : random.pick(["", "on", "two\nlines", "🔥"])];
  });
}

function toImage(pieces: readonly Uint8Array[]): Uint8Array {
  return Buffer.concat([packHeader(1), ...pieces]);
}

function checkWhole(written: readonly Written[], { records, end }: ReturnType<typeof readImage>): void {
  if (end.trouble !== undefined) throw new WrongAnswer(`a whole log is said to be ${end.trouble}`);
  if (records.length !== written.length)
    throw new WrongAnswer(`${records.length} records are read of ${written.length}`);
  records.forEach((record, i) => {
    const wrote = written[i];
    if (!wrote || !isSame(record, wrote)) throw new WrongAnswer(`record ${i} is another than was written`);
    if (record.kind === "series") {
      unpackSeries(record.body);
      return;
    }
    const [has, wants] = [rowsOf(unpackBatch(record.body)), rowsOf(batchOf(...wrote.rows))];
    if (toText(has) !== toText(wants))
      throw new WrongAnswer(`batch ${record.position} reads ${toText(has)}, wants ${toText(wants)}`);
  });
}

function toText(rows: readonly Row[]): string {
  return JSON.stringify(
    rows.map(([id, timeMs, value]) => [id, timeMs, Object.is(value, -0) ? "-0" : `${typeof value} ${value}`]),
  );
}

function isSame(record: LogRecord, wrote: Written): boolean {
  return record.kind === wrote.kind && record.position === wrote.position && wrote.body.equals(record.body);
}

/** What is read is the beginning of what was written; if more followed, the reader says so. */
function checkDamaged(written: readonly Written[], image: Uint8Array): void {
  const { records, end } = readImage(image);
  const batches = written.filter(({ kind }) => kind === "batch");
  const readBatches = records.filter(({ kind }) => kind === "batch");
  readBatches.forEach((record, i) => {
    const wrote = batches[i];
    if (!wrote || !isSame(record, wrote)) throw new WrongAnswer(`batch number ${i} is none that was written there`);
  });
  for (const record of records) {
    if (!written.some((wrote) => isSame(record, wrote)))
      throw new WrongAnswer(`a ${record.kind} record was never written`);
  }
  if (end.goodBytes < image.length && end.trouble === undefined)
    throw new WrongAnswer("bytes are left and nothing is said");
}

function damage(written: readonly Written[], random: Random): Uint8Array {
  const pieces = written.map(({ bytes }) => bytes);
  const [from, to] = [random.int(0, pieces.length - 1), random.int(0, pieces.length)];
  const dice = random.next();
  if (dice < 0.12) pieces.splice(to, 0, ...pieces.slice(from, from + 1));
  else if (dice < 0.24) pieces.splice(to, 0, ...pieces.splice(from, 1));
  const image = toImage(pieces);
  if (dice < 0.24) return image;
  if (dice < 0.5) return image.subarray(0, random.int(0, image.length));
  if (dice < 0.6)
    return Buffer.concat([image.subarray(0, random.int(0, image.length)), Buffer.alloc(random.int(1, 300))]);
  if (dice < 0.7)
    return Buffer.concat([image, Uint8Array.from({ length: random.int(1, 80) }, () => random.int(0, 255))]);
  for (let left = random.int(1, 3); left > 0; left--) {
    const at = random.int(0, image.length - 1);
    image[at] = random.chance(0.7) ? (image[at] ?? 0) ^ (1 << random.int(0, 7)) : random.pick([0, 127, 128, 255]);
  }
  return image;
}

/** A record whose checksum fits and whose contents mean nothing: `RangeError`, or another reading, in bounded memory. */
function checkHostileRecord({ kind, body }: Written, random: Random): void {
  const bytes = Uint8Array.from(body);
  for (let left = random.int(1, 6); left > 0 && bytes.length > 0; left--) {
    const at = random.chance(0.5) ? random.int(0, Math.min(12, bytes.length - 1)) : random.int(0, bytes.length - 1);
    bytes[at] = random.pick([0, 1, 127, 128, 255, 255, random.int(0, 255)]);
  }
  try {
    if (kind === "series") unpackSeries(bytes);
    else unpackBatch(bytes);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
  }
}
