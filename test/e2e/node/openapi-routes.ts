interface Example {
  example?: unknown;
  /** Of a schema a list; of a parameter by name. */
  examples?: unknown[] | Record<string, { value: unknown }>;
}
interface Parameter extends Example {
  in: "path" | "query" | "header";
  name: string;
  required?: boolean;
  schema: Example;
}
interface Media extends Example {
  schema?: Example & { properties?: Record<string, Example>; required?: string[] };
}
interface Operation {
  summary?: string;
  tags?: string[];
  "x-access": string;
  security?: unknown[];
  parameters?: Parameter[];
  requestBody?: { content: Record<string, Media> };
  responses: Record<string, { description: string; content?: Record<string, unknown> }>;
}

/** One operation of the document. */
export interface Route extends Operation {
  method: string;
  path: string;
}

/** What a route is asked with. */
export interface Question {
  url: string;
  body?: string;
  type?: string;
}

/** Every operation of an OpenAPI document. */
export function toRoutes(document: { paths: Record<string, Record<string, Operation>> }): Route[] {
  return Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ ...operation, method: method.toUpperCase(), path })),
  );
}

/** `GET /api/v1/devices` */
export const named = ({ method, path }: Pick<Route, "method" | "path">) => `${method} ${path}`;

/** The first example that the document gives. */
export function exampleOf(one: Example & { schema?: Example }): unknown {
  const [first] = Object.values(one.examples ?? {});
  const given = Array.isArray(one.examples) ? first : (first as { value: unknown } | undefined)?.value;
  return one.example ?? given ?? (one.schema && exampleOf(one.schema));
}

/** The route's example; `values` of parameters in the path go first. */
export function toQuestion(route: Route, values: Readonly<Record<string, string>> = {}): Question {
  const query = new URLSearchParams();
  let url = route.path;
  for (const one of route.parameters ?? []) {
    const value = exampleOf(one);
    if (one.in === "path") url = url.replace(`{${one.name}}`, encodeURIComponent(values[one.name] ?? String(value)));
    if (one.in === "query" && value !== undefined) query.append(one.name, String(value));
  }
  return { url: query.size > 0 ? `${url}?${query}` : url, ...toBody(route) };
}

function toBody({ requestBody }: Route): { body?: string; type?: string } {
  const [type, media] = Object.entries(requestBody?.content ?? {})[0] ?? [];
  if (type === undefined || media === undefined) return {};
  const example = exampleOf(media);
  if (type === "application/json") return { type, ...(example === undefined ? {} : { body: JSON.stringify(example) }) };
  if (type === "text/plain") return { type, body: String(example) };
  const fields = Object.entries(media.schema?.properties ?? {}).flatMap(([name, schema]) => {
    const value = exampleOf(schema);
    return value === undefined ? [] : [[name, String(value)] as [string, string]];
  });
  return { type, body: new URLSearchParams(fields).toString() };
}
