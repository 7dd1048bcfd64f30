import { startDeadline } from "#pkg/clock/deadline.ts";
import { AppError } from "#pkg/errors/errors.ts";
import type { Logger } from "#pkg/logger/port.ts";
import type { FromThread, Telling, ToThread } from "./messages.ts";
import type { CallOptions, ThreadLimits } from "./plugin-thread.ts";

export interface PendingCalls {
  open(method: string, args: unknown, options: CallOptions): Promise<unknown>;
  take(message: Extract<FromThread, { type: "result" | "failed" | "tell" }>): void;
  failAll(reason: string): void;
  /** Resolves when no call is under way, at the latest after `withinMs`. */
  drained(withinMs: number): Promise<void>;
  /** Lets the plugin close what it holds. */
  close(): Promise<void>;
}

interface Pending {
  options: CallOptions;
  resolve(value: unknown): void;
  reject(error: Error): void;
  /** It said something: its deadline begins anew. */
  rearm(): void;
  clear(): void;
}

export interface PendingCallDeps {
  send(message: ToThread): void;
  limits: Pick<ThreadLimits, "callMs" | "graceMs">;
  fault(reason: string): void;
  log: Logger;
}

/** The calls into a plugin's thread: each ends by its result, its deadline, or the end of the thread. */
export function createPendingCalls(deps: PendingCallDeps): PendingCalls {
  const { send, limits, log } = deps;
  const pending = new Map<number, Pending>();
  const listeners = new Map<number, (telling: Telling) => void>();
  const onEmpty = new Set<() => void>();
  let newest = 0;
  let over: string | undefined;
  const take = (id: number): Pending | undefined => {
    const call = pending.get(id);
    pending.delete(id);
    call?.clear();
    if (call && !call.options.isStream) listeners.delete(call.options.ends ?? id);
    if (pending.size === 0) for (const listener of onEmpty) listener();
    return call;
  };
  const open = (method: string, args: unknown, options: CallOptions): Promise<unknown> => {
    if (over !== undefined) return Promise.reject(gone(over));
    const id = ++newest;
    return new Promise((resolve, reject) => {
      pending.set(id, { options, resolve, reject, ...watchCall(id, method, options, deps) });
      if (options.onTelling) listeners.set(id, options.onTelling);
      options.onStart?.(id);
      send({ type: "call", id, method, args });
    });
  };
  return {
    open,
    take(message) {
      if (message.type === "tell") {
        for (const telling of message.tellings) hear(telling, { pending, listeners, log });
        send({ type: "heard" });
      } else if (message.type === "result") take(message.id)?.resolve(message.value);
      else if (message.isWorld) take(message.id)?.reject(new AppError("unavailable", { message: message.detail }));
      else deps.fault(`it threw: ${message.detail}`);
    },
    failAll(reason) {
      over = reason;
      for (const id of [...pending.keys()]) take(id)?.reject(gone(reason));
    },
    async drained(withinMs) {
      if (pending.size === 0) return;
      await new Promise<void>((resolve) => {
        onEmpty.add(resolve);
        setTimeout(resolve, withinMs).unref();
      });
    },
    close: async () => void (await open("close", null, { timeoutMs: limits.graceMs })),
  };
}

/** Blames the plugin when the call is too slow, or does not end although its caller gave up. */
function watchCall(id: number, method: string, options: CallOptions, { limits, send, fault }: PendingCallDeps) {
  const { signal, timeoutMs = limits.callMs } = options;
  const late = () => fault(`${method}() gave no result within ${timeoutMs} ms`);
  let deadline = startDeadline(timeoutMs, late);
  const onAbort = () => {
    send({ type: "abort", id: options.partOf ?? id });
    deadline.cancel();
    const { graceMs } = limits;
    deadline = startDeadline(graceMs, () => fault(`${method}() went on ${graceMs} ms after it was told to end`));
  };
  if (signal?.aborted) queueMicrotask(onAbort);
  else signal?.addEventListener("abort", onAbort, { once: true });
  return {
    rearm() {
      if (!signal?.aborted) deadline.renew();
    },
    clear() {
      deadline.cancel();
      signal?.removeEventListener("abort", onAbort);
    },
  };
}

/** A word of a stream reaches whoever listens to it, and shows that its next step is under way. */
function hear(
  telling: Telling,
  to: {
    pending: ReadonlyMap<number, Pending>;
    listeners: ReadonlyMap<number, (telling: Telling) => void>;
    log: Logger;
  },
): void {
  if (telling.type === "log") {
    to.log[telling.level]({ ...telling.fields }, telling.message.slice(0, 1000));
    return;
  }
  to.listeners.get(telling.call)?.(telling);
  for (const [id, call] of to.pending) if ((call.options.partOf ?? id) === telling.call) call.rearm();
}

function gone(reason: string): AppError {
  return new AppError("unavailable", { message: `the plugin is switched off: ${reason}` });
}
