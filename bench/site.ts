/** A site of PDUs as `gen_site10k.js` makes it, of any size: twenty fields a device, one line a device and poll. */
export interface SiteLoad {
  series: number;
  values: number;
}

const fields = 20;
const linesPerBody = 5000;
const startMs = Date.UTC(2024, 0, 1);
const pollMs = 10_000;

/** Bodies of line protocol, polls one after the other, at most 5,000 lines (100,000 values) each. */
export function* siteBodies({ series, values }: SiteLoad): Generator<Buffer> {
  const devices = Array.from({ length: series / fields }, (_, index) => toKey(index));
  const random = createRandom();
  const polls = Math.ceil(values / series);
  let lines: string[] = [];
  for (let poll = 0; poll < polls; poll++) {
    const time = `${startMs + poll * pollMs}000000`;
    for (const [index, key] of devices.entries()) {
      lines.push(`${key} ${toFields(random, index, poll)} ${time}`);
      if (lines.length < linesPerBody) continue;
      yield toBody(lines);
      lines = [];
    }
  }
  if (lines.length > 0) yield toBody(lines);
}

function toBody(lines: readonly string[]): Buffer {
  return Buffer.from(`${lines.join("\n")}\n`);
}

function toKey(index: number): string {
  const room = Math.floor(index / 25);
  const place = `dc=DC${1 + Math.floor(room / 5)},factory=F${1 + Math.floor(room / 10)}`;
  const name = `name=F${1 + Math.floor(room / 10)}-R${room}-K${Math.floor((index % 25) / 2)}-${index}`;
  return `pdu,brand=Delta,${place},ip=10.${index >> 16}.${(index >> 8) & 255}.${index & 255},model=PDU4425,${name},room=R${room},side=${index % 2 ? "B" : "A"}`;
}

/** Currents and powers that wander, one counter, and what hardly changes. */
function toFields(random: () => number, index: number, poll: number): string {
  const parts = [`energy=${index * 1000 + poll * 7}i`, "status=1"];
  for (let i = parts.length; i < fields; i++) {
    const value = i % 3 === 0 ? 200 + 10 * random() : 10 * random();
    parts.push(`field_${i}=${value.toFixed(i % 3)}`);
  }
  return parts.join(",");
}

/** Numbers from 0 to 1, the same in every run (xorshift32). */
function createRandom(): () => number {
  let state = 0x5ee1db;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}
