import { describe, expect, it } from "vitest";
import { alertEvent } from "#test/fixtures/notifier-bench.ts";
import { statusesIn, useNotifierSite } from "#test/fixtures/notifier-site.ts";

describe("notifier, a silence", () => {
  const { serve, start } = useNotifierSite();
  const silences = {
    list: async () => [
      {
        id: "s",
        matchers: [{ name: "device", op: "=~" as const, value: "127.*" }],
        startsAt: 0,
        until: 7_200_000,
        reason: "works",
        by: "ann",
        createdAt: 0,
      },
    ],
  };

  it("keeps beginning and end from people, and says why", async () => {
    const server = await serve();
    const { emit, settled } = await start([server.url], {}, { silences });
    await emit(
      alertEvent("alert.opened", { covers: ["silenced"] }),
      alertEvent("alert.closed", { covers: ["silenced"] }),
    );
    const records = await settled(2);
    expect(records.map((record) => record.reason)).toEqual([
      "silenced until 1970-01-01T02:00:00.000Z by ann: works",
      "firing was never told",
    ]);
    expect(server.requests).toEqual([]);
  });

  it("that ends while the alert is still there lets people hear of it", async () => {
    const server = await serve();
    const { emit, settled } = await start([server.url]);
    await emit(alertEvent("alert.opened", { covers: ["silenced"] }), alertEvent("alert.opened"));
    expect((await settled(2)).map((record) => record.state)).toEqual(["suppressed", "sent"]);
  });

  it("that begins after people were told still lets them hear of the end", async () => {
    const server = await serve();
    const { emit, settled } = await start([server.url]);
    await emit(alertEvent("alert.opened"), alertEvent("alert.closed", { covers: ["silenced"] }));
    await settled(2);
    expect(server.requests.map((request) => statusesIn(request)[0]?.[0])).toEqual(["firing", "resolved"]);
  });
});
