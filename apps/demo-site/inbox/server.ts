import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { type FaultName, type Faults, faultNames } from "../faults.ts";
import type { PlacedDevice } from "../stations.ts";
import { type Inbox, subjectOf } from "./inbox.ts";
import { inboxCss, inboxPage } from "./page.ts";
import { languageOf } from "./words.ts";

const maxBodyBytes = 256 * 1024;

export interface InboxServerDeps {
  inbox: Inbox;
  faults: Faults;
  devices: readonly PlacedDevice[];
  now(): number;
}

interface Answer {
  status: number;
  type: string;
  body: string;
}

/** `/`, `/inbox.json`, `/devices.json`, `/faults` (GET, POST) and `/hook`, which takes webhooks. */
export async function openInboxServer({ host, port }: { host: string; port: number }, deps: InboxServerDeps) {
  const server = createServer((request, response) => {
    respond(request, deps).then(
      (answer) => send(response, answer),
      (error: unknown) => send(response, refusal(error)),
    );
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function respond(request: IncomingMessage, deps: InboxServerDeps): Promise<Answer> {
  const url = new URL(request.url ?? "/", "http://demo");
  switch (`${request.method} ${url.pathname}`) {
    case "GET /":
      return page(request, url, deps);
    case "GET /inbox.css":
      return { status: 200, type: "text/css", body: inboxCss };
    case "GET /inbox.json":
      return json(200, { items: deps.inbox.list() });
    case "GET /devices.json":
      return json(200, { items: deps.devices });
    case "GET /faults":
      return json(200, toFaultsJson(deps));
    case "POST /faults":
      return json(201, trigger(await readBody(request), deps.faults));
    case "POST /hook":
      return receive(request, url, await readBody(request), deps.inbox);
    default:
      return json(404, { detail: "there are /, /inbox.json, /devices.json, /faults and /hook" });
  }
}

function page(request: IncomingMessage, url: URL, { inbox, faults, now }: InboxServerDeps): Answer {
  const language = languageOf(url.searchParams.get("lang"), request.headers["accept-language"]);
  const active = faults.list().recent.filter((fault) => now() < fault.endsAt);
  return { status: 200, type: "text/html; charset=utf-8", body: String(inboxPage(inbox.list(), active, language)) };
}

function toFaultsJson({ faults, now }: InboxServerDeps) {
  const { possible, recent } = faults.list();
  const items = recent.map(({ device, fault, startedAt, endsAt }) => ({
    device,
    fault,
    active: now() < endsAt,
    started_at: new Date(startedAt).toISOString(),
    ends_at: new Date(endsAt).toISOString(),
  }));
  return { items, possible };
}

function trigger(body: string, faults: Faults) {
  const { device, fault, duration_s: durationS = 45 } = JSON.parse(body) as Record<string, unknown>;
  if (typeof device !== "string" || !isFaultName(fault) || typeof durationS !== "number" || !(durationS > 0)) {
    throw new RangeError('write {"device": "…", "fault": "…", "duration_s": 45}; GET /faults lists what is possible');
  }
  const started = faults.trigger(device, fault, durationS * 1000);
  return { device, fault, ends_at: new Date(started.endsAt).toISOString() };
}

function isFaultName(text: unknown): text is FaultName {
  return (faultNames as readonly unknown[]).includes(text);
}

function receive(request: IncomingMessage, url: URL, body: string, inbox: Inbox): Answer {
  const parsed: unknown = JSON.parse(body);
  const delivery = request.headers["x-detectviz-delivery"];
  inbox.add({
    kind: "webhook",
    to: url.pathname,
    subject: subjectOf(parsed),
    delivery: typeof delivery === "string" ? delivery : null,
    text: JSON.stringify(parsed, null, 2),
  });
  return json(200, { ok: true });
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request) {
    length += chunk.length;
    if (length > maxBodyBytes) throw new RangeError(`more than ${maxBodyBytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}

function refusal(error: unknown): Answer {
  const isTheirs = error instanceof RangeError || error instanceof SyntaxError || error instanceof TypeError;
  return json(isTheirs ? 400 : 500, { detail: error instanceof Error ? error.message : String(error) });
}

function json(status: number, value: unknown): Answer {
  return { status, type: "application/json", body: JSON.stringify(value) };
}

function send(response: ServerResponse, { status, type, body }: Answer): void {
  response.writeHead(status, {
    "content-type": type,
    "content-security-policy": "default-src 'none'; style-src 'self'; frame-ancestors 'self'",
    "x-content-type-options": "nosniff",
    "cache-control": "no-store",
  });
  response.end(body);
}
