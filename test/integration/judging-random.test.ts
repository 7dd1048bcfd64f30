import fc from "fast-check";
import { expect, it } from "vitest";
import { createReference } from "./judging-reference.ts";
import { openSite } from "./judging-site.ts";

const levels = {
  warning: { threshold: 12, reset: 11, forMs: 3000, keepFiringForMs: 0 },
  critical: { threshold: 16, reset: 14, forMs: 0, keepFiringForMs: 2000 },
};
const step = fc.oneof(
  {
    weight: 12,
    arbitrary: fc.record({ push: fc.array(fc.integer({ min: 8, max: 19 }), { minLength: 3, maxLength: 3 }) }),
  },
  { weight: 2, arbitrary: fc.constant({ kill: true as const }) },
  { weight: 2, arbitrary: fc.record({ broken: fc.boolean() }) },
  { weight: 2, arbitrary: fc.constant({ tick: true as const }) },
);

it("tells everything once, through kills and full disks in any order", { timeout: 120_000 }, async () => {
  const story = async (steps: readonly (typeof step extends fc.Arbitrary<infer T> ? T : never)[]) => {
    const site = await openSite();
    const ids = ["A", "B", "C"].map((name) => site.store.series("pdu", { name }, "current"));
    const reference = createReference(levels);
    await site.rules.create({ name: "Hot", condition: "pdu_current", comparison: ">", levels, noData: "keep" }, "ann");
    let second = 0;
    for (const one of steps) {
      if ("push" in one) {
        second += 1;
        for (const [at, value] of one.push.entries()) reference.sample("ABC"[at] ?? "", second * 1000, value);
        await site.push(...one.push.map((value, at) => [ids[at] ?? 0, second, value] as const));
      } else if ("kill" in one) await site.kill(6);
      else if ("tick" in one) {
        site.clock.advance(1000);
        await site.rules.tick();
      } else site.breakStorage(one.broken ? new Error("database or disk is full") : undefined);
    }
    site.breakStorage();
    for (let turn = 0; turn < 5; turn++) {
      site.clock.advance(5000);
      await site.settled();
      await site.rules.tick();
    }
    await site.settled();
    const events = (await site.events()).flatMap(({ type, data }) => {
      if (!("labels" in data) || !type.startsWith("alert.")) return [];
      return [`${data.labels["name"]} ${type.slice(6)} ${data.level} ${data.value}`];
    });
    await site.rules.close();
    await site.dispose();
    return { told: events.sort((a, b) => a[0]?.localeCompare(b[0] ?? "") ?? 0), expected: reference.told() };
  };
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 50 }), async (steps) => {
      const { told, expected } = await story(steps);
      expect(told).toEqual(expected);
    }),
    { numRuns: 30, endOnFailure: true },
  );
});
