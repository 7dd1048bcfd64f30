/**
 * The one place where anything becomes TOML for Telegraf. Values may be hostile: whatever a string holds, Telegraf
 * reads back that very string. Telegraf replaces `$X` and `${X}` after it has decoded TOML, so escapes do not help;
 * `$$` is its way to say `$`.
 */
export type TomlValue = string | number | boolean | TomlFloat | TomlEnvironment | readonly (string | TomlEnvironment)[];

/** A table; `undefined` entries are left out. Sub-tables are written after all plain keys, as Telegraf wants them. */
export interface TomlTable {
  readonly [key: string]: TomlValue | TomlTable | readonly TomlTable[] | undefined;
}

const float = Symbol("float");

/** A number that keeps its point when it is whole: Telegraf refuses `1` where it wants a float. */
export interface TomlFloat {
  readonly [float]: number;
}

/** Marks a number as a float. */
export function asFloat(value: number): TomlFloat {
  return { [float]: value };
}

const variable = Symbol("environment variable");

/** A variable of Telegraf's own environment; the only way to get an unescaped `$` into a file. */
export interface TomlEnvironment {
  readonly [variable]: string;
}

/** Reference to a variable of the allow-list that Telegraf is started with. */
export function fromEnvironment(name: string): TomlEnvironment {
  if (!/^[A-Z][A-Z0-9_]*$/.test(name)) throw new TypeError(`"${name}" is no name of an environment variable`);
  return { [variable]: name };
}

/** Writes a document. Every key and every value passes through here. Throws `TypeError` on NaN and infinities. */
export function writeToml(document: TomlTable): string {
  return `${lines(document, []).join("\n").trimStart()}\n`;
}

function lines(table: TomlTable, path: readonly string[]): string[] {
  const plain: string[] = [];
  const nested: string[] = [];
  for (const [key, value] of Object.entries(table)) {
    if (value === undefined) continue;
    if (isTableList(value)) {
      for (const entry of value) nested.push("", `[[${header([...path, key])}]]`, ...lines(entry, [...path, key]));
    } else if (isValue(value)) {
      plain.push(`${tomlKey(key)} = ${toText(value)}`);
    } else {
      nested.push("", ...headOf(value, [...path, key]), ...lines(value, [...path, key]));
    }
  }
  return [...plain, ...nested];
}

/** A table that only holds sub-tables needs no head of its own. */
function headOf(table: TomlTable, path: readonly string[]): string[] {
  const hasPlain = Object.values(table).some((value) => value !== undefined && !isTableList(value) && isValue(value));
  return hasPlain ? [`[${header(path)}]`] : [];
}

function isTableList(value: TomlValue | TomlTable | readonly TomlTable[]): value is readonly TomlTable[] {
  return Array.isArray(value) && typeof value[0] === "object" && !(variable in value[0]);
}

function isValue(value: TomlValue | TomlTable | readonly TomlTable[]): value is TomlValue {
  return typeof value !== "object" || Array.isArray(value) || variable in value || float in value;
}

function header(path: readonly string[]): string {
  return path.map(tomlKey).join(".");
}

/** Keys are not searched for variables, so `$` stays single in them. */
function tomlKey(key: string): string {
  return /^[A-Za-z0-9_-]+$/.test(key) ? key : quote(key);
}

function toText(value: TomlValue): string {
  if (typeof value === "string") return quote(value.replaceAll("$", "$$$$"));
  if (typeof value === "boolean") return String(value);
  if (typeof value === "number") return toNumberText(value);
  if (float in value) return toFloatText(value[float]);
  if (variable in value) return `"\${${value[variable]}}"`;
  return `[${value.map(toText).join(", ")}]`;
}

function quote(text: string): string {
  const escaped = [...text.toWellFormed()].map((character) => escapes.get(character) ?? toSafe(character));
  return `"${escaped.join("")}"`;
}

const escapes: ReadonlyMap<string, string> = new Map([
  ['"', '\\"'],
  ["\\", "\\\\"],
  ["\n", "\\n"],
  ["\r", "\\r"],
  ["\t", "\\t"],
]);

/** Control characters (C0, DEL, C1) and Unicode's line ends leave as `\uXXXX`. */
function toSafe(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  const isControl = code < 0x20 || (code >= 0x7f && code <= 0x9f) || code === 0x2028 || code === 0x2029;
  return isControl ? `\\u${code.toString(16).padStart(4, "0")}` : character;
}

function toNumberText(value: number): string {
  if (!Number.isFinite(value)) throw new TypeError(`${value} cannot stand in a Telegraf file`);
  if (Number.isInteger(value)) return BigInt(value).toString();
  const text = String(value);
  return text.includes("e") ? value.toFixed(20).replace(/0+$/, "") : text;
}

function toFloatText(value: number): string {
  const text = toNumberText(value);
  return text.includes(".") ? text : `${text}.0`;
}
