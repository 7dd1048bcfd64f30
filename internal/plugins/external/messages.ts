import type { ScanJournalEntry } from "#pkg/contracts/scanner.ts";

/** What the node says to a plugin's thread. */
export type ToThread =
  | { type: "create"; config: unknown }
  | { type: "call"; id: number; method: string; args: unknown }
  /** The caller gave up: the call's signal fires. */
  | { type: "abort"; id: number }
  /** What came of an `ask`. */
  | { type: "answer"; id: number; value: unknown }
  | { type: "refusal"; id: number; message: string }
  /** The last `tell` was heard; the next may come. */
  | { type: "heard" }
  | { type: "ping" };

/** What a plugin's thread says to the node. */
export type FromThread =
  | { type: "loaded"; shape: PluginShape }
  | { type: "made"; product: ProductShape }
  /** `create` or the loading itself failed. */
  | { type: "unusable"; detail: string }
  | { type: "result"; id: number; value: unknown }
  | { type: "failed"; id: number; detail: string; isWorld: boolean }
  | { type: "ask"; id: number; url: string; json: unknown; headers: Record<string, string> }
  | { type: "give up"; id: number }
  | { type: "tell"; tellings: Telling[] }
  | { type: "pong" };

/** What the module exports, as far as it can cross a thread. */
export interface PluginShape {
  kind: unknown;
  id: unknown;
  /** JSON schema of its settings. */
  config: unknown;
  canCreate: boolean;
}

/** What `create` gave back. */
export interface ProductShape {
  methods: string[];
  /** JSON schema of a notifier's channel settings. */
  target: unknown;
}

/** What a plugin says without waiting for an answer. */
export type Telling =
  | { type: "log"; level: "info" | "warn"; fields: Record<string, unknown>; message: string }
  | { type: "progress"; call: number; sent: number; answered: number }
  | { type: "journal"; call: number; entry: ScanJournalEntry };
