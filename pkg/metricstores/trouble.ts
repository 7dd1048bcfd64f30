import type { Clock } from "#pkg/clock/port.ts";
import type { Logger } from "#pkg/logger/port.ts";
import type { Trouble } from "./port.ts";

/** Keeps the trouble of now; logs when it begins, becomes another, and ends. */
export function createTrouble(
  name: string,
  clock: Pick<Clock, "now">,
  log: Pick<Logger, "info" | "warn">,
  first?: Pick<Trouble, "kind" | "words">,
) {
  let trouble: Trouble | undefined;
  let wellSinceMs = clock.now();
  const troubles = {
    now: () => trouble,
    stats: () => ({ trouble, sinceMs: trouble?.sinceMs ?? wellSinceMs }),
    note(kind: Trouble["kind"], words: string): void {
      if (trouble?.kind !== kind) log.warn({ store: name, kind, words }, "samples wait for a metric store");
      trouble = { kind, words, sinceMs: trouble?.sinceMs ?? clock.now() };
    },
    end(): void {
      if (!trouble) return;
      log.info({ store: name, sinceMs: trouble.sinceMs }, "the metric store takes samples again");
      wellSinceMs = clock.now();
      trouble = undefined;
    },
  };
  if (first) troubles.note(first.kind, first.words);
  return troubles;
}
