import type { Agent as HttpAgent, IncomingMessage } from "node:http";
import { Agent as HttpsAgent, request as requestHttps } from "node:https";
import type { PluginHttp, PluginHttpAnswer } from "#pkg/contracts/plugin.ts";
import { AppError } from "#pkg/errors/errors.ts";
import { http } from "#pkg/node/http.ts";

export interface PluginHttpOptions {
  /** Upper bound of one call, whatever the caller's signal says. */
  timeoutMs?: number;
  /** Answers are read up to here, then cut off. */
  maxAnswerBytes?: number;
  /** Where in a trace a call is made; goes out as the W3C header of that name. */
  traceparent?: () => string;
}

const maxRedirects = 3;
const maxTextLength = 2000;
/** Only these repeat the POST as it is; the others would turn it into a GET. */
const repeatingRedirects = new Set([307, 308]);

/** HTTP for plugins over kept-alive connections. Redirects are followed to the same host only. `close` ends idle connections. */
export function createPluginHttp(options: PluginHttpOptions = {}): PluginHttp & { close(): void } {
  const { timeoutMs = 15_000, maxAnswerBytes = 64 * 1024, traceparent } = options;
  const agents = { "http:": new http.Agent({ keepAlive: true }), "https:": new HttpsAgent({ keepAlive: true }) };

  const send = async (url: URL, call: Call, redirects: number): Promise<PluginHttpAnswer> => {
    const response = await exchange(url, call, url.protocol === "https:" ? agents["https:"] : agents["http:"]);
    const status = response.statusCode ?? 0;
    const text = await readText(response, maxAnswerBytes);
    const next = redirectTarget(response, url);
    if (!next) return { ok: status >= 200 && status < 300, status, text };
    if (redirects < maxRedirects && next.host === url.host && repeatingRedirects.has(status)) {
      return send(next, call, redirects + 1);
    }
    return {
      ok: false,
      status,
      text: `redirects to ${next.origin}${next.pathname}, which is not followed: set that address`,
    };
  };

  return {
    async post(url, { json, headers, signal }) {
      const body = Buffer.from(JSON.stringify(json));
      const bounded = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
      const trace = traceparent ? { traceparent: traceparent() } : {};
      return send(toHttpUrl(url), { body, headers: { ...trace, ...headers }, signal: bounded }, 0);
    },
    close() {
      for (const agent of Object.values(agents)) agent.destroy();
    },
  };
}

interface Call {
  body: Buffer;
  headers: Record<string, string>;
  signal: AbortSignal;
}

function toHttpUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url && (url.protocol === "http:" || url.protocol === "https:")) return url;
  throw new AppError("unprocessable", {
    at: text.slice(0, 200),
    message: "is no http or https address",
    mend: "write it as https://host/path",
  });
}

/** One request. A kept connection that the other side had closed in the meantime is replaced by a new one, once. */
function exchange(url: URL, call: Call, agent: HttpAgent, again = true): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const request = (url.protocol === "https:" ? requestHttps : http.request)(url, {
      method: "POST",
      agent,
      signal: call.signal,
      headers: {
        "user-agent": "detectviz",
        ...call.headers,
        "content-type": "application/json",
        "content-length": call.body.length,
      },
    });
    request.once("response", resolve);
    request.once("error", (error: NodeJS.ErrnoException) => {
      if (again && request.reusedSocket && error.code === "ECONNRESET")
        exchange(url, call, agent, false).then(resolve, reject);
      else reject(error);
    });
    request.end(call.body);
  });
}

async function readText(response: IncomingMessage, maxBytes: number): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of response) {
    chunks.push(chunk);
    length += chunk.length;
    if (length >= maxBytes) break;
  }
  return Buffer.concat(chunks).subarray(0, maxBytes).toString("utf8").slice(0, maxTextLength);
}

function redirectTarget(response: IncomingMessage, from: URL): URL | undefined {
  const { statusCode = 0, headers } = response;
  if (statusCode < 300 || statusCode > 399 || !headers.location || !URL.canParse(headers.location, from.href))
    return undefined;
  return new URL(headers.location, from.href);
}
