/** One point that `telegraf --test` printed. Tags stay as they are escaped, so that they can be compared exactly. */
export interface PrintedPoint {
  /** `key=value` pairs as printed, sorted. */
  tags: readonly string[];
  /** Numbers only. */
  fields: ReadonlyMap<string, number>;
}

/** Takes a printed line apart; undefined when it is no point. */
export function parsePrinted(line: string): PrintedPoint | undefined {
  const [head, body] = splitUnescaped(line, " ");
  if (head === undefined || body === undefined) return undefined;
  const [, ...tags] = splitUnescaped(head, ",");
  const fields = splitUnescaped(body, ",").flatMap((pair) => {
    const [name, value] = splitUnescaped(pair, "=");
    const number = Number.parseFloat(value ?? "");
    return name === undefined || Number.isNaN(number) ? [] : [[name, number] as const];
  });
  return { tags: tags.sort(), fields: new Map(fields) };
}

/** As Telegraf's serializer writes a tag's key or value, or a field's name. */
export function escapeName(text: string): string {
  const escaped = text.replaceAll(/[,= ]/g, "\\$&");
  return escaped.replaceAll("\t", "\\t").replaceAll("\n", "\\n").replaceAll("\f", "\\f").replaceAll("\r", "\\r");
}

/** In line protocol a backslash escapes only a comma, an equals sign and a space; before all else it is itself. */
function splitUnescaped(text: string, separator: string): string[] {
  const parts: string[] = [];
  let start = 0;
  for (let at = 0; at < text.length; at += 1) {
    if (text[at] === "\\" && ",= ".includes(text[at + 1] ?? "-")) at += 1;
    else if (text[at] === separator) {
      parts.push(text.slice(start, at));
      start = at + 1;
    }
  }
  return [...parts, text.slice(start)];
}
