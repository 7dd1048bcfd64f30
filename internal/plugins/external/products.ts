import type { Static, TSchema } from "typebox";
import { Value } from "typebox/value";
import type { NotifierPlugin, SendResult } from "#pkg/contracts/notifier.ts";
import type { PluginKind, PluginKinds } from "#pkg/contracts/plugin.ts";
import type { FoundDevice } from "#pkg/contracts/reading.ts";
import type { ScanContext, Scanner, ScanTask } from "#pkg/contracts/scanner.ts";
import { AppError } from "#pkg/errors/errors.ts";
import type { ProductShape, Telling } from "./messages.ts";
import type { CallOptions, PluginThread } from "./plugin-thread.ts";
import { foundDevice, scanStep, sendResult } from "./result-shapes.ts";
import type { ProbeArgs, ScanArgs } from "./thread/calls.ts";

/** Addresses that cross to the thread at once: a /8 never stands in memory. */
const addressesAtOnce = 4096;
/** Without a device and without a word for so long, a scan hangs. */
const quietScanMs = 600_000;

/** Methods that a product of each kind must have. */
export const neededMethods: Readonly<Record<PluginKind, readonly string[]>> = {
  notifier: ["send"],
  scanner: ["scan", "probe"],
};

/** What the rest of the node uses: calls go to the plugin's thread, results are checked. */
export function toProduct(kind: PluginKind, thread: PluginThread, { target }: ProductShape): PluginKinds[PluginKind] {
  return kind === "notifier" ? toNotifier(thread, target as TSchema) : toScanner(thread);
}

function toNotifier(thread: PluginThread, target: TSchema): NotifierPlugin {
  return {
    target,
    send: async (message, signal) => {
      const result = await thread.call("send", message, { signal });
      return checked(thread, "send()", sendResult, result) as SendResult;
    },
  };
}

function toScanner(thread: PluginThread): Scanner {
  return {
    async *scan(task, context) {
      let before = { sent: 0, answered: 0 };
      for (const addresses of chunksOf(task.addresses)) {
        if (context.signal.aborted) return;
        const sum = { ...before };
        const counting = {
          ...context,
          progress(sent: number, answered: number) {
            before = { sent: sum.sent + sent, answered: sum.answered + answered };
            context.progress(before.sent, before.answered);
          },
        };
        yield* scanSome(thread, { ...task, addresses, total: addresses.length }, counting);
      }
    },
    async probe(endpoint, profiles, context) {
      const args: ProbeArgs = { endpoint, profiles, pace: context.pace };
      const found = await thread.call("probe", args, tellingTo(context));
      return checked(thread, "probe()", foundDevice, found) as FoundDevice;
    },
  };
}

async function* scanSome(thread: PluginThread, task: ScanTask, context: ScanContext): AsyncGenerator<FoundDevice> {
  let id = 0;
  const note = (given: number) => {
    id = given;
  };
  const args: ScanArgs = { task, pace: context.pace };
  await thread.call("scan", args, { ...tellingTo(context), isStream: true, onStart: note });
  const step: CallOptions = { signal: context.signal, partOf: id, timeoutMs: quietScanMs };
  try {
    for (;;) {
      const next = checked(thread, "scan()", scanStep, await thread.call("next", id, step));
      if (next.done) return;
      yield next.value as FoundDevice; // checked; the words of its readings are judged where they are used
    }
  } finally {
    await thread.call("leave", id, { ends: id }).catch(() => undefined); // the thread is gone: nothing to leave
  }
}

function tellingTo(context: ScanContext): CallOptions {
  return {
    signal: context.signal,
    onTelling(telling: Telling) {
      if (telling.type === "progress") context.progress(telling.sent, telling.answered);
      if (telling.type === "journal") context.journal(telling.entry);
    },
  };
}

/** Throws, and switches the plugin off, when it gave back something else than its contract says. */
function checked<S extends TSchema>(thread: PluginThread, what: string, schema: S, value: unknown): Static<S> {
  if (Value.Check(schema, value)) return value as Static<S>;
  const shown = (JSON.stringify(value) ?? "undefined").slice(0, 200);
  const reason = `${what} broke its contract (docs/plugins.md): it gave ${shown}`;
  thread.blame(reason);
  throw new AppError("unavailable", { message: reason });
}

function* chunksOf(addresses: Iterable<string>): Generator<string[]> {
  let chunk: string[] = [];
  for (const address of addresses) {
    chunk.push(address);
    if (chunk.length < addressesAtOnce) continue;
    yield chunk;
    chunk = [];
  }
  if (chunk.length > 0) yield chunk;
}
