/**
 * What a form says, as JSON. Names are paths (`levels.warning.threshold`); `data-as` says the kind:
 * `list` (lines or commas), `tags` (key=value lines), `number`, `bool`, `json`. Empty fields are left out.
 */
export function toBody(form: HTMLFormElement): Record<string, unknown> {
  const body: Record<string, unknown> = {};
  for (const field of form.querySelectorAll<HTMLInputElement>("[name]")) {
    if (field.disabled || ((field.type === "radio" || field.type === "checkbox") && skip(field))) continue;
    const value = fieldValue(field);
    if (value !== undefined) put(body, field.name.split("."), value);
  }
  return body;
}

/** A box without `data-as="bool"` stands for one value of a list: it counts only when ticked. */
function skip(field: HTMLInputElement): boolean {
  return !field.checked && field.dataset["as"] !== "bool";
}

function fieldValue(field: HTMLInputElement): unknown {
  const text = field.value.trim();
  switch (field.dataset["as"]) {
    case "bool":
      return field.type === "checkbox" ? field.checked : text === "true";
    case "number":
      return text === "" ? undefined : Number(text);
    case "list":
      return text === "" ? undefined : split(text);
    case "numbers":
      return text === "" ? undefined : split(text).map(Number);
    case "tags":
      return text === "" ? undefined : Object.fromEntries(split(text).map(toPair));
    case "json":
      return text === "" ? undefined : JSON.parse(text);
    case "time":
      return text === "" ? undefined : new Date(text).toISOString();
    case "in":
      return new Date(Date.now() + Number(text)).toISOString();
    case "each":
      return [text];
    default:
      return text === "" ? undefined : text;
  }
}

function split(text: string): string[] {
  return text
    .split(/[\n,]+/)
    .map((line) => line.trim())
    .filter(Boolean);
}

function toPair(line: string): [string, string] {
  const at = line.indexOf("=");
  return at < 0 ? [line, ""] : [line.slice(0, at).trim(), line.slice(at + 1).trim()];
}

/** Values that share a name and are lists are joined. */
function put(body: Record<string, unknown>, path: readonly string[], value: unknown): void {
  const [name = "", ...rest] = path;
  if (rest.length === 0) {
    const before = body[name];
    body[name] = Array.isArray(before) && Array.isArray(value) ? [...before, ...value] : value;
    return;
  }
  body[name] ??= {};
  put(body[name] as Record<string, unknown>, rest, value); // made on the line above, or by an earlier field of the same path
}
