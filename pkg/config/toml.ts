import { parse, TomlError } from "smol-toml";
import { AppError } from "#pkg/errors/errors.ts";

/** A parsed TOML document that knows where its keys stand. */
export interface TomlDocument {
  value: Record<string, unknown>;
  /** `file:line` of the deepest part of the path that the text names; path items are keys and array indexes. */
  locate(path: readonly (string | number)[]): string;
}

/** Parses TOML. Throws `AppError("config")` with file and line when it is malformed. */
export function parseToml(text: string, file: string): TomlDocument {
  try {
    const value = parse(text) as Record<string, unknown>;
    const lines = indexLines(text);
    return { value, locate: (path) => `${file}:${lineOf(lines, path)}` };
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    const message = error.message.split("\n")[0] ?? error.message;
    throw new AppError("config", {
      at: `${file}:${error.line}`,
      message: message.replace(/^Invalid TOML document: /, "not valid TOML: "),
      mend: "correct the line; text values stand in quotes",
      cause: error,
    });
  }
}

/** Line numbers by dotted path; elements of an array of tables carry their index (`rules.0.name`). */
function indexLines(text: string): Map<string, number> {
  const lines = new Map<string, number>();
  const counts = new Map<string, number>();
  let table: string[] = [];
  for (const [index, line] of text.split("\n").entries()) {
    const header = /^\s*(\[\[?)\s*([^\]]+?)\s*\]\]?/.exec(line);
    if (header) {
      table = resolveIndexes(toKeys(header[2] ?? ""), counts, header[1] === "[[");
      note(lines, table, index + 1);
      continue;
    }
    const key = /^\s*((?:[\w-]+|"[^"]*"|'[^']*')(?:\s*\.\s*(?:[\w-]+|"[^"]*"|'[^']*'))*)\s*=/.exec(line);
    if (key) note(lines, [...table, ...toKeys(key[1] ?? "")], index + 1);
  }
  return lines;
}

function note(lines: Map<string, number>, path: readonly string[], line: number): void {
  const dotted = path.join("\u0000");
  if (!lines.has(dotted)) lines.set(dotted, line);
}

function toKeys(dotted: string): string[] {
  return [...dotted.matchAll(/[\w-]+|"([^"]*)"|'([^']*)'/g)].map((match) => match[1] ?? match[2] ?? match[0]);
}

/** `[[rules]]` opens the next element; a later `[rules.levels]` belongs to the newest one. */
function resolveIndexes(keys: readonly string[], counts: Map<string, number>, opens: boolean): string[] {
  const path: string[] = [];
  for (const [depth, key] of keys.entries()) {
    path.push(key);
    const dotted = path.join("\u0000");
    if (opens && depth === keys.length - 1) counts.set(dotted, (counts.get(dotted) ?? -1) + 1);
    const count = counts.get(dotted);
    if (count !== undefined) path.push(String(count));
  }
  return path;
}

function lineOf(lines: Map<string, number>, path: readonly (string | number)[]): number {
  for (let depth = path.length; depth > 0; depth--) {
    const line = lines.get(path.slice(0, depth).join("\u0000"));
    if (line !== undefined) return line;
  }
  return 1;
}
