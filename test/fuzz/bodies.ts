import type { Random } from "../fixtures/random.ts";

/** The time around which bodies are written, UTC ms. */
export const aroundMs = 1_700_000_000_000;

const names = ["m", "pdu", "current", "a", "溫度", "x y", "k,e=y", "back\\slash", "#c", "é", "name"];
const tokens = [
  ",",
  "=",
  " ",
  "\\",
  '"',
  "\n",
  "\r\n",
  "\r",
  "#",
  "i",
  "u",
  "t",
  "false",
  "1",
  "-1",
  ".5",
  "1e400",
  "e",
  "0x1",
  "\t",
  "\0",
  "NaN",
];

/** A body made by the grammar, by the grammar with damage, or by nothing at all. */
export function randomBody(random: Random): Uint8Array {
  const dice = random.next();
  if (dice < 0.08) return Uint8Array.from({ length: random.int(0, 60) }, () => random.int(0, 255));
  if (dice < 0.2) return Buffer.from(Array.from({ length: random.int(0, 25) }, () => random.pick(tokens)).join(""));
  const lines = Array.from({ length: random.int(1, 6) }, () => randomLine(random));
  const body = Buffer.from(lines.join(random.chance(0.1) ? "\r\n" : "\n") + (random.chance(0.5) ? "\n" : ""));
  return dice < 0.6 ? body : damaged(body, random);
}

function randomLine(random: Random): string {
  const dice = random.next();
  if (dice < 0.03) return random.pick(["", " ", "# comment", " #x", "\t", '#"']);
  const tags = Array.from(
    { length: random.int(0, 3) },
    () => `,${escapeName(random.pick(names))}=${escapeName(random.pick(names))}`,
  );
  const fields = Array.from(
    { length: random.int(1, 4) },
    () => `${escapeName(random.pick(names))}=${randomValue(random)}`,
  );
  const space = random.chance(0.05) ? "  " : " ";
  const key = random.pick(names).replace(/[, ]/g, "\\$&") + tags.join("");
  return key + space + fields.join(",") + randomTime(random, space);
}

function escapeName(name: string): string {
  return name.replace(/[,= ]/g, "\\$&");
}

function randomValue(random: Random): string {
  const dice = random.next();
  if (dice < 0.35) return (random.int(-99_999, 99_999) / 10 ** random.int(0, 4)).toString();
  if (dice < 0.45) return String((random.next() - 0.5) * 10 ** random.int(-320, 309));
  if (dice < 0.6) return `${random.pick(["", "-", "+"])}${random.int(0, 2 ** 31)}${random.pick(["i", "u", "i"])}`;
  if (dice < 0.65)
    return random.pick([
      "9223372036854775807i",
      "-9223372036854775808i",
      "9223372036854775808i",
      "18446744073709551615u",
      "00012i",
    ]);
  if (dice < 0.75)
    return random.pick(["t", "T", "true", "True", "TRUE", "f", "F", "false", "False", "FALSE", "tRUE", "yes"]);
  if (dice < 0.95) return randomText(random);
  const digits = Array.from({ length: random.int(1, 25) }, () => random.int(0, 9)).join("");
  return `${digits}${random.pick(["", ".", ".5", "e1", "E-3", ".0i", "e+", "x"])}`;
}

function randomText(random: Random): string {
  const parts = ["x", "溫", " ", ",", "=", "\\\\", '\\"', "\n", "#", "\\", "\r", "°C", "🔥"];
  return `"${Array.from({ length: random.int(0, 6) }, () => random.pick(parts)).join("")}"`;
}

function randomTime(random: Random, space: string): string {
  const dice = random.next();
  if (dice < 0.1) return "";
  if (dice < 0.15) return random.pick([" ", " -1", " 1", "1", " 99999999999999999999999", " 17x", " 1 2"]);
  const ms = String(aroundMs + random.int(-100_000, 100_000));
  return space + ms + random.pick(["000000", "123456", "999999", "", "000"]) + random.pick(["", "", "", " ", "\r"]);
}

/** The same with a few bytes changed, put in, taken out or doubled. */
function damaged(body: Uint8Array, random: Random): Uint8Array {
  const bytes = [...body];
  for (let left = random.int(1, 4); left > 0 && bytes.length > 0; left--) {
    const at = random.int(0, bytes.length - 1);
    const dice = random.next();
    if (dice < 0.3) bytes.splice(at, 1);
    else if (dice < 0.6) bytes.splice(at, 0, ...Buffer.from(random.pick(tokens)));
    else if (dice < 0.8) bytes[at] = (bytes[at] ?? 0) ^ (1 << random.int(0, 7));
    else if (dice < 0.9) bytes.splice(at, 0, ...bytes.slice(at, at + random.int(1, 12)));
    else bytes.length = at;
  }
  return Uint8Array.from(bytes);
}
