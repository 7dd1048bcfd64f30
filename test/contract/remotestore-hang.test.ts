import { describe, it } from "vitest";
import { awakeMs } from "#test/fixtures/awake.ts";
import { openForwarding } from "#test/fixtures/metric-stores.ts";
import { batchOf } from "#test/fixtures/samples.ts";
import { until } from "#test/fixtures/until.ts";
import { storeKinds } from "./remotestore-servers.ts";

/** All servers hang at the same time: it is nothing but waiting. */
describe.concurrent("a store that hangs for 10 s costs nothing", { timeout: 120_000 }, () => {
  for (const kind of storeKinds) {
    it.skipIf(!kind.isHere)(kind.title, async ({ expect, onTestFinished }) => {
      const server = await kind.open();
      onTestFinished(() => server.close());
      const here = await openForwarding();
      onTestFinished(() => here.close());
      await here.stores.apply([{ ...server.config, timeout: "2s" }]);
      const t0 = Math.floor(Date.now() / 1000) * 1000 - 600_000;
      const id = here.source.catalogue.intern("m", [], "n", "float");
      const count = async (from: number, to: number) => {
        for (let n = from; n < to; n++) await here.source.append(batchOf([id, t0 + n * 1000, n]));
      };
      const stats = () => here.stores.stats()[0] ?? expect.fail("no store");
      await count(0, 5);
      await until(() => stats().sent === 5);
      server.signal("SIGSTOP");
      const stoppedAt = performance.now();
      await count(5, 10);
      await until(() => /no answer for|away since.*no answer within 2 s/.test(here.stores.health().detail));
      expect(here.stores.health().status).toBe("degraded");
      await new Promise((resolve) => setTimeout(resolve, 10_000 - (performance.now() - stoppedAt)));
      server.signal("SIGCONT");
      const backMs = awakeMs();
      await until(() => stats().waitingBytes === 0 && !stats().trouble, 30_000);
      expect(awakeMs() - backMs).toBeLessThan(10_000);
      const found = await until(async () => {
        const now = await server.answer("m").catch(() => []);
        return now.length >= 10 && now;
      }, 20_000);
      expect(found).toEqual(Array.from({ length: 10 }, (_, n) => ["m_n{}", t0 + n * 1000, String(n)]));
    });
  }
});
