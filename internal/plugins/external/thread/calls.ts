import type { NotificationMessage, NotifierPlugin } from "#pkg/contracts/notifier.ts";
import type { DeviceProfile } from "#pkg/contracts/profile.ts";
import type { Endpoint, FoundDevice } from "#pkg/contracts/reading.ts";
import type { ScanContext, Scanner, ScanPace, ScanTask } from "#pkg/contracts/scanner.ts";
import type { Teller } from "./telling.ts";

/** One call as the thread runs it: `id` marks what is told meanwhile. */
type Run = (args: unknown, call: { id: number; signal: AbortSignal }) => Promise<unknown>;

/** What the node may call, by name. The node and this file agree on the arguments of each. */
export type Calls = Readonly<Record<string, Run>>;

/** The calls that lead into what the plugin's `create` gave back. */
export function createCalls(product: unknown, teller: Teller): Calls {
  const made = product as NotifierPlugin & Scanner; // the node has checked which of the methods are there
  const streams = new Map<number, AsyncIterator<FoundDevice>>();
  const contextOf = (pace: ScanPace, { id, signal }: { id: number; signal: AbortSignal }): ScanContext => ({
    pace,
    signal,
    progress: (sent, answered) => teller.tell({ type: "progress", call: id, sent, answered }),
    journal: (entry) => teller.tell({ type: "journal", call: id, entry }),
  });
  return {
    send: (args, { signal }) => made.send(args as NotificationMessage, signal),
    probe: (args, call) => {
      const { endpoint, profiles, pace } = args as ProbeArgs;
      return made.probe(endpoint, profiles, contextOf(pace, call));
    },
    // A scan lasts as long as this call; `next` draws one device after the other out of it.
    async scan(args, call) {
      const { task, pace } = args as ScanArgs;
      const stream = made.scan(task, contextOf(pace, call))[Symbol.asyncIterator]();
      streams.set(call.id, stream);
    },
    async next(args) {
      const { done = false, value } = (await streams.get(args as number)?.next()) ?? { done: true };
      if (done) streams.delete(args as number);
      return done ? { done } : { done, value };
    },
    async leave(args) {
      const stream = streams.get(args as number);
      streams.delete(args as number);
      await stream?.return?.();
    },
    close: async () => made.close?.(),
  };
}

export interface ScanArgs {
  task: ScanTask;
  pace: ScanPace;
}

export interface ProbeArgs {
  endpoint: Endpoint;
  profiles: readonly DeviceProfile[];
  pace: ScanPace;
}
