/** One wrong place of what was sent, as RFC 9457 answers list them. */
export interface FieldProblem {
  pointer: string;
  detail: string;
}

/** A refusal by the server, in its own words. */
export class ApiProblem extends Error {
  readonly status: number;
  readonly fields: readonly FieldProblem[];
  constructor(status: number, message: string, fields: readonly FieldProblem[]) {
    super(message);
    this.status = status;
    this.fields = fields;
  }
}

/** The words a script may need stand in the page, in its language. */
export function word(name: "failed" | "unreachable" | "done" | "waiting"): string {
  return document.getElementById("toasts")?.dataset[name] ?? "";
}

/** Calls the REST API with the session and its CSRF token. Throws `ApiProblem`; a lost session leads to the log-in page. */
export async function callApi(method: string, path: string, body?: unknown): Promise<unknown> {
  const headers: Record<string, string> = { accept: "application/json" };
  const csrf = document.querySelector<HTMLMetaElement>('meta[name="csrf"]')?.content;
  if (csrf !== undefined) headers["x-csrf-token"] = csrf;
  if (body !== undefined) headers["content-type"] = "application/json";
  const answer = await send(path, { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
  if (answer.status === 401) location.assign(`/login?next=${encodeURIComponent(location.pathname + location.search)}`);
  const isJson = answer.headers.get("content-type")?.includes("json") === true;
  const content: unknown = isJson ? await answer.json() : undefined;
  if (answer.ok) return content;
  throw toProblem(answer.status, content);
}

async function send(path: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(path, init);
  } catch {
    throw new ApiProblem(0, word("unreachable"), []);
  }
}

function toProblem(status: number, content: unknown): ApiProblem {
  // the shape is the server's promise (RFC 9457 with errors[]); every key is checked for being there
  const problem = (content ?? {}) as { detail?: string; errors?: FieldProblem[] };
  return new ApiProblem(status, problem.detail ?? `${word("failed")} (${status})`, problem.errors ?? []);
}
