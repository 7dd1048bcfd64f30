import fc from "fast-check";
import { expect, it } from "vitest";
import { createProgress } from "./progress.ts";

const steps = fc.array(fc.record({ what: fc.constantFrom("load", "done", "look"), seq: fc.nat(60) }), {
  maxLength: 200,
});

it("stands where all before is done, whatever is done in between, and counts what is done ahead of it", () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.integer({ min: 6, max: 20 })), steps, (acked, taken) => {
      const progress = createProgress({ position: 5, acked: new Set(acked) });
      const done = new Set([1, 2, 3, 4, 5, ...acked]);
      const inHand = new Set<number>();
      for (const { what, seq } of taken) {
        if (what === "load") {
          const next = progress.loadedTo + 1;
          expect(progress.take(next)).toBe(!done.has(next));
          if (!done.has(next)) inHand.add(next);
          progress.loadedTo = next;
        } else if (what === "done") {
          expect(progress.done(seq)).toBe(inHand.delete(seq));
          if (seq > 5 && !progress.isInHand(seq) && seq <= progress.loadedTo) done.add(seq);
        } else {
          let position = 5;
          while (position < progress.loadedTo && done.has(position + 1)) position++;
          expect(progress.position()).toBe(position);
          expect(progress.ahead()).toBe([...done].filter((one) => one > position).length);
          expect(progress.inHand()).toBe(inHand.size);
        }
      }
    }),
  );
});
