import { expect, it } from "vitest";
import { createFakeClock } from "#pkg/clock/fake.ts";
import { silentLogger as log } from "#pkg/logger/logger.ts";
import { soon } from "#test/fixtures/until.ts";
import type { LoggedEvent } from "../../tables.ts";
import { createReader } from "./reader.ts";

it("reads what is committed in the very turn in which it has met all before", async () => {
  let [lastSeq, loadedTo] = [1, 0];
  const reader = createReader({
    ...{ clock: createFakeClock(), log, lastSeq: () => lastSeq, loadedTo: () => loadedTo, hasRoom: () => true },
    read: async (): Promise<LoggedEvent[]> => [],
    take(_events, upTo) {
      loadedTo = upTo;
      if (lastSeq > 1) return;
      // Runs before anything that waits for this reading to end.
      queueMicrotask(() => {
        lastSeq = 2;
        reader.catchUp();
      });
    },
  });
  reader.catchUp();
  await soon(() => expect(loadedTo).toBe(2));
});
