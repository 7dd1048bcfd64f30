import { expect, it } from "vitest";
import { silentLogger as log } from "#pkg/logger/logger.ts";
import { until } from "#test/fixtures/until.ts";
import { openRelay } from "./relay.ts";

it("tells of no fault any more once another node relays", async ({ onTestFinished }) => {
  let isMine = true;
  const relay = openRelay({
    log,
    streams() {
      throw new Error("OOM command not allowed");
    },
    ...{ epoch: () => 1, isUp: () => true, isMine: () => isMine, now: () => 7 },
    ...{ read: async () => [], start: async () => 0, lastSeq: async () => 0, renew: async () => undefined },
  });
  onTestFinished(relay.close);
  expect(await until(relay.fault)).toEqual({ detail: "OOM command not allowed", sinceMs: 7 });
  isMine = false;
  await until(() => relay.fault() === undefined);
});
