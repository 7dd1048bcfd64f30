import { pathToFileURL } from "node:url";
import { parentPort, workerData } from "node:worker_threads";
import type { Plugin } from "#pkg/contracts/plugin.ts";
import { messageOf } from "#pkg/errors/errors.ts";
import type { FromThread, ProductShape, ToThread } from "../messages.ts";
import { createBlame } from "./blame.ts";
import { type Calls, createCalls } from "./calls.ts";
import { createRemoteHttp } from "./http.ts";
import { createTeller } from "./telling.ts";

// A plugin's own thread: loads it, makes it when the node says so, and runs what the node calls.

const port = parentPort;
if (!port) throw new Error("this file runs in a worker thread");
const send = (message: FromThread) => port.postMessage(message);
const blame = createBlame();
const teller = createTeller(send);
const http = createRemoteHttp(send, blame);
const underWay = new Map<number, AbortController>();

const plugin = await load();
let calls: Calls = {};
port.on("message", (message: ToThread) => {
  if (message.type === "ping") send({ type: "pong" });
  else if (message.type === "heard") teller.heard();
  else if (message.type === "create") create(message.config);
  else if (message.type === "call") void run(message);
  else if (message.type === "abort") underWay.get(message.id)?.abort();
  else if (message.type === "answer") http.answer(message.id, message.value);
  else http.refuse(message.id, message.message);
});

async function load(): Promise<Plugin | undefined> {
  try {
    const { main } = workerData as { main: string };
    const module: { default?: Plugin } = await import(pathToFileURL(main).href);
    const { kind, id, config, create } = module.default ?? ({} as Partial<Plugin>);
    send({ type: "loaded", shape: toPlain({ kind, id, config, canCreate: typeof create === "function" }) });
    return module.default;
  } catch (error) {
    send({ type: "unusable", detail: `it cannot be loaded: ${describe(error)}` });
    return undefined;
  }
}

function create(config: unknown): void {
  try {
    const log = {
      info: (fields: Record<string, unknown>, message: string) =>
        teller.tell({ type: "log", level: "info", fields: toPlain(fields), message: String(message) }),
      warn: (fields: Record<string, unknown>, message: string) =>
        teller.tell({ type: "log", level: "warn", fields: toPlain(fields), message: String(message) }),
    };
    const product: unknown = plugin?.create({ config, http, log, now: Date.now });
    calls = createCalls(product, teller);
    send({ type: "made", product: shapeOf(product) });
  } catch (error) {
    send({ type: "unusable", detail: `create() threw: ${describe(error)}` });
  }
}

async function run({ id, method, args }: Extract<ToThread, { type: "call" }>): Promise<void> {
  const controller = new AbortController();
  underWay.set(id, controller);
  try {
    const value = await calls[method]?.(args, { id, signal: controller.signal });
    teller.before({ type: "result", id, value: toPlain(value) });
  } catch (error) {
    teller.before({ type: "failed", id, detail: describe(error), isWorld: blame.isWorld(error) });
  } finally {
    if (method !== "scan") underWay.delete(id); // a scan's signal holds until its stream is left
    if (method === "leave") underWay.delete(args as number);
  }
}

function shapeOf(product: unknown): ProductShape {
  if (typeof product !== "object" || product === null) return { methods: [], target: undefined };
  const known = ["send", "scan", "probe"];
  const methods = known.filter((name) => typeof (product as Record<string, unknown>)[name] === "function");
  return { methods, target: toPlain((product as { target?: unknown }).target) };
}

/** Only plain data crosses: what cannot be said in JSON is left out, and what makes JSON impossible is thrown. */
function toPlain<T>(value: T): T {
  return value === undefined ? value : JSON.parse(JSON.stringify(value));
}

/** The first line of the message, with the line of the plugin that threw. */
function describe(error: unknown): string {
  const message = messageOf(error).split("\n")[0]?.slice(0, 500) ?? "";
  const place = error instanceof Error ? /\((file:.*:\d+):\d+\)|at (file:.*:\d+):\d+/.exec(error.stack ?? "") : null;
  const file = place?.[1] ?? place?.[2];
  return file === undefined ? message : `${message} (${file.replace(/^file:\/\//, "")})`;
}
