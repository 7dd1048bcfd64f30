import type { BitReader, BitWriter } from "./bits.ts";

/** Writes text values: each different text once, then which one it was, sample by sample. */
export function writeTexts(writer: BitWriter, texts: readonly string[]): void {
  const places = new Map<string, number>();
  for (const text of texts) if (!places.has(text)) places.set(text, places.size);
  writer.writeWide(places.size, 32);
  for (const text of places.keys()) writeText(writer, text);
  const width = widthOf(places.size);
  for (const text of texts) writer.writeWide(places.get(text) ?? 0, width);
  writer.align();
}

/** Reads `length` texts. */
export function readTexts(reader: BitReader, length: number): string[] {
  const dictionary = Array.from({ length: fitting(reader, reader.readWide(32)) }, () => readText(reader));
  const width = widthOf(dictionary.length);
  const texts = Array.from({ length }, () => dictionary[reader.readWide(width)] ?? "");
  reader.align();
  return texts;
}

/** So many bytes at least must follow. */
function fitting(reader: BitReader, length: number): number {
  if (length > reader.left) throw new RangeError("a text is longer than its chunk");
  return length;
}

function widthOf(count: number): number {
  return count < 2 ? 0 : 32 - Math.clz32(count - 1);
}

function writeText(writer: BitWriter, text: string): void {
  const bytes = Buffer.from(text, "utf8");
  writer.writeWide(bytes.length, 32);
  for (const byte of bytes) writer.write(byte, 8);
}

function readText(reader: BitReader): string {
  const bytes = Buffer.alloc(fitting(reader, reader.readWide(32)));
  for (let i = 0; i < bytes.length; i++) bytes[i] = reader.read(8);
  return bytes.toString("utf8");
}
