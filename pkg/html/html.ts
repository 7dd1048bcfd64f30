import { html as honoHtml } from "hono/html";

/** Markup that is safe to put into markup: made by `html` only. */
export type Html = Exclude<ReturnType<typeof honoHtml>, Promise<unknown>>;

/**
 * A tagged template that escapes everything but other `html` results. Arrays are joined; null, undefined and booleans
 * leave no trace. Attributes must stand in quotes. Throws when a promise is among the values: await it first.
 */
export function html(strings: TemplateStringsArray, ...values: unknown[]): Html {
  const result = honoHtml(strings, ...values);
  if (result instanceof Promise) throw new TypeError("a promise stands in the template: await it first");
  return result;
}

/** Nothing, where markup is asked for. */
export const nothing: Html = html``;

/** `base?a=1&b=2`, encoded; empty and undefined values are left out. */
export function withQuery(base: string, query: Readonly<Record<string, string | number | undefined | null>>): string {
  const pairs = new URLSearchParams();
  for (const [key, value] of Object.entries(query)) {
    if (value !== undefined && value !== null && value !== "") pairs.append(key, String(value));
  }
  return pairs.size === 0 ? base : `${base}?${pairs}`;
}
