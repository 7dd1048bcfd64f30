import { expect, it } from "vitest";
import { silentLogger as log } from "#pkg/logger/logger.ts";
import { soon } from "#test/fixtures/until.ts";
import type { LoggedEvent } from "../../tables.ts";
import { createFeed } from "./feed.ts";

it("tells what is committed in the very turn in which it has told all before", async () => {
  const asked: number[] = [];
  const feed = createFeed({
    ...{ lastSeq: 0, log },
    read: async (afterSeq): Promise<LoggedEvent[]> => {
      asked.push(afterSeq);
      return [];
    },
    tell() {
      // Runs before anything that waits for this reading to end.
      queueMicrotask(() => feed.reach(2));
    },
  });
  feed.reach(1);
  await soon(() => expect(asked).toEqual([0, 1]));
});
