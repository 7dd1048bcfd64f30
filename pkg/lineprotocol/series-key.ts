import type { Tags } from "#pkg/contracts/samples.ts";
import { unescapeName } from "./text.ts";

/** A raw key (all before the first space) as it names a series, or why it names none. */
export type ParsedKey = { measurement: string; tags: Tags } | { refusal: string };

/** Parses the text of a key; tags come out sorted, whatever the order they were written in. */
export function parseSeriesKey(text: string): ParsedKey {
  const [name = "", ...pairs] = splitUnescaped(text, ",");
  if (name === "") return { refusal: "the measurement is missing" };
  const tags: [string, string][] = [];
  for (const pair of pairs) {
    const [key = "", value, ...more] = splitUnescaped(pair, "=");
    if (key === "") return { refusal: "a tag has no name" };
    if (value === undefined || value === "") return { refusal: `the tag "${key}" has no value` };
    if (more.length > 0) return { refusal: `the value of the tag "${key}" holds an unescaped "="` };
    tags.push([unescapeName(key), unescapeName(value)]);
  }
  tags.sort(([a], [b]) => (a < b ? -1 : Number(a > b)));
  const twice = tags.find(([key], index) => key === tags[index - 1]?.[0]);
  if (twice) return { refusal: `the tag "${twice[0]}" is there twice` };
  return { measurement: name.replace(/\\([, ])/g, "$1"), tags };
}

/** A separator right behind a backslash does not separate. */
function splitUnescaped(text: string, separator: string): string[] {
  if (!text.includes("\\")) return text.split(separator);
  return text.split(separator === "," ? /(?<!\\),/ : /(?<!\\)=/);
}
