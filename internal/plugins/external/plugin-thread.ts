import { Worker } from "node:worker_threads";
import { startDeadline } from "#pkg/clock/deadline.ts";
import type { PluginHttp } from "#pkg/contracts/plugin.ts";
import { AppError, messageOf } from "#pkg/errors/errors.ts";
import type { Logger } from "#pkg/logger/port.ts";
import { answerAsks } from "./asks.ts";
import type { FromThread, PluginShape, ProductShape, Telling, ToThread } from "./messages.ts";
import { createPendingCalls, type PendingCalls } from "./pending-calls.ts";
import { watchPulse } from "./pulse.ts";

/** What one plugin may use. */
export interface ThreadLimits {
  /** Heap, and memory outside the heap, each. */
  memoryMb: number;
  /** Until it must be loaded and made. */
  loadMs: number;
  /** Until a call must give its result. */
  callMs: number;
  /** Until a call must end whose caller gave up. */
  graceMs: number;
  /** Without an answer to a ping for so long, the thread is in an endless loop. */
  pulseMs: number;
  /** Until the calls under way must end when a newer version has taken over. */
  drainMs: number;
}

export interface ThreadDeps {
  /** The file to load. */
  main: string;
  limits: ThreadLimits;
  http: PluginHttp;
  log: Logger;
  /** Called once, with what the plugin did; by then its thread is ending and its calls have failed. */
  onFault(reason: string): void;
}

/** A plugin in a thread of its own. */
export interface PluginThread {
  shape: PluginShape;
  /** Lets it make its product. Throws `AppError("unprocessable")` when it cannot. */
  create(config: unknown): Promise<ProductShape>;
  /** Throws `AppError("unavailable")` when the call fails; a fault of the plugin ends the thread. */
  call(method: string, args: unknown, options?: CallOptions): Promise<unknown>;
  /** The plugin broke its contract: ends the thread, as a fault. */
  blame(reason: string): void;
  /** Ends the thread when its calls have ended, or after a bound. Not a fault. */
  retire(): Promise<void>;
}

export interface CallOptions {
  signal?: AbortSignal;
  /** Instead of the limit for all calls. */
  timeoutMs?: number;
  /** Called with the number that `next` and `leave` name this call by. */
  onStart?(id: number): void;
  onTelling?(telling: Telling): void;
  /** It opens a stream, which is heard until a call `ends` it. */
  isStream?: true;
  /** Number of the stream that this call is a step of: its signal ends the stream, what the stream says keeps it alive. */
  partOf?: number;
  /** Number of the stream that this call ends. */
  ends?: number;
}

const entry = new URL("./thread/main.ts", import.meta.url);

/** Starts a thread and loads the plugin in it. Throws `AppError("unprocessable")` that says why it cannot be loaded. */
export async function openPluginThread(deps: ThreadDeps): Promise<PluginThread> {
  const worker = startWorker(deps);
  const said = createMailbox<PluginShape | ProductShape>();
  const send = (message: ToThread) => worker.postMessage(message);
  let isOver = false;
  const end = () => {
    isOver = true;
    pulse.stop();
    void worker.terminate();
  };
  const fault = (reason: string) => {
    if (isOver) return;
    end();
    said.refuse(reason);
    calls.failAll(reason);
    deps.onFault(reason);
  };
  const calls = createPendingCalls({ send, limits: deps.limits, fault, log: deps.log });
  const pulse = watchPulse(worker, { limits: deps.limits, ping: () => send({ type: "ping" }), fault });
  const asks = answerAsks({ http: deps.http, send });
  worker.on("message", (message: FromThread) => {
    if (isOver) return;
    if (message.type === "pong") pulse.beat();
    else if (message.type === "loaded") said.put(message.shape);
    else if (message.type === "made") said.put(message.product);
    else if (message.type === "unusable") said.refuse(message.detail);
    else if (message.type === "ask" || message.type === "give up") asks.take(message);
    else calls.take(message);
  });
  worker.on("error", (error) => fault(toWords(error, deps.limits)));
  worker.on("exit", (code) => fault(`its thread ended by itself with code ${code}`));
  const within = (what: string) => said.next(deps.limits.loadMs, `it did not ${what} within ${deps.limits.loadMs} ms`);
  const shape = await within("load").catch((error: unknown) => {
    end();
    throw error;
  });
  pulse.start();
  return {
    shape: shape as PluginShape, // the first word of every thread
    async create(config) {
      send({ type: "create", config });
      try {
        return (await within("answer to create()")) as ProductShape; // the second
      } catch (error) {
        end();
        throw error;
      }
    },
    call: (method, args, options = {}) => calls.open(method, args, options),
    blame: fault,
    retire: () => retire(calls, () => isOver, end, deps.limits.drainMs),
  };
}

/** No environment, no arguments, bounded memory; what it writes goes to our log. */
function startWorker({ main, limits, log }: ThreadDeps): Worker {
  const worker = new Worker(entry, {
    workerData: { main },
    env: {},
    argv: [],
    stdout: true,
    stderr: true,
    resourceLimits: { maxOldGenerationSizeMb: limits.memoryMb, maxYoungGenerationSizeMb: 16, stackSizeMb: 4 },
  });
  for (const stream of [worker.stdout, worker.stderr]) {
    stream.on("data", (chunk: Buffer) => log.info({ text: chunk.toString("utf8").slice(0, 500) }, "a plugin wrote"));
  }
  return worker;
}

async function retire(calls: PendingCalls, isOver: () => boolean, end: () => void, drainMs: number): Promise<void> {
  await calls.drained(drainMs);
  if (isOver()) return;
  await calls.close().catch(() => undefined); // it is over for this version whatever it says to that
  end();
  calls.failAll("a newer version took over");
}

function toWords(error: unknown, { memoryMb }: ThreadLimits): string {
  if ((error as NodeJS.ErrnoException).code === "ERR_WORKER_OUT_OF_MEMORY") return `it used more than ${memoryMb} MB`;
  return `it threw outside a call: ${messageOf(error).split("\n")[0]?.slice(0, 500)}`;
}

/** What the thread says once each, waited for one after the other. */
function createMailbox<T>() {
  let resolve: ((value: T) => void) | undefined;
  let reject: ((error: Error) => void) | undefined;
  const refuse = (detail: string) => reject?.(new AppError("unprocessable", { message: detail }));
  return {
    put: (value: T) => resolve?.(value),
    refuse,
    next(withinMs: number, otherwise: string): Promise<T> {
      const waiting = new Promise<T>((yes, no) => {
        resolve = yes;
        reject = no;
      });
      const deadline = startDeadline(withinMs, () => refuse(otherwise));
      return waiting.finally(deadline.cancel);
    },
  };
}
