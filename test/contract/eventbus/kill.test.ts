import { spawn } from "node:child_process";
import { join } from "node:path";
import { expect, it } from "vitest";
import type { DomainEvent } from "#pkg/contracts/events.ts";
import { soon } from "#test/fixtures/until.ts";
import { describeEach } from "./adapters.ts";
import { hastyClock, ruleIdOf } from "./benches.ts";

describeEach(
  "event bus, killed",
  ({ open, database }, { child }) => {
    it("loses nothing that was committed, and keeps the order of each key", async () => {
      const file = join(database().folder, "detectviz.db");
      const told = await runAndKill([file, ...((await child?.()) ?? [])], 200);
      const bench = await open({ leaseClock: hastyClock }); // as the child has it
      const again: DomainEvent[] = [];
      bench.bus.subscribe("a", ["rule.changed"], async (event) => {
        again.push(event);
      });
      await soon(async () => expect((await bench.bus.lag()).groups["a"]).toBe(0));
      const seen = new Set([...told.handled, ...again.map((event) => event.id)]);
      expect(told.committed.filter((id) => !seen.has(id))).toEqual([]);
      for (const key of ["k0", "k1", "k2"]) {
        const numbers = again.filter((event) => event.key === key).map((event) => Number(ruleIdOf(event)));
        expect(numbers).toEqual(numbers.toSorted((a, b) => a - b));
      }
    });
  },
  ({ child }) => child !== undefined,
);

/** Runs the child until it has told of `commits` commits, then SIGKILL. */
async function runAndKill(
  args: readonly string[],
  commits: number,
): Promise<{ committed: string[]; handled: string[] }> {
  const child = spawn(process.execPath, [join(import.meta.dirname, "kill.child.ts"), ...args]);
  let told = "";
  const ended = new Promise((resolve) => child.on("close", resolve));
  child.stdout.on("data", (chunk: Buffer) => {
    told += chunk.toString();
    if (told.split("committed ").length > commits) child.kill("SIGKILL");
  });
  await ended;
  const idsOf = (word: string) =>
    [...told.matchAll(new RegExp(`${word} (\\S+)\n`, "g"))].map((match) => match[1] ?? "");
  return { committed: idsOf("committed"), handled: idsOf("handled") };
}
