import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { AlertLevel, ConditionState } from "#pkg/contracts/alerting.ts";
import { type Standing, transition } from "./transitions.ts";

const open: Standing = { condition: "firing", level: "warning", acknowledgement: "unacknowledged", ended: false };
const said = (state: ConditionState, level: AlertLevel | null = null) => ({ state, level });

describe("what a judgement does to an alert", () => {
  it.each<[string, Standing | undefined, ReturnType<typeof said>, string | undefined, string | null]>([
    ["opens a record", undefined, said("firing", "warning"), "open", "alert.opened"],
    ["opens one for no data that alerts", undefined, said("no_data", "critical"), "open", "alert.opened"],
    ["opens none for no data that does not", undefined, said("no_data"), undefined, null],
    ["opens none while the on-delay runs", undefined, said("pending"), undefined, null],
    ["has nothing to close", undefined, said("normal"), undefined, null],
    ["changes nothing the second time", open, said("firing", "warning"), undefined, null],
    ["rises", open, said("firing", "critical"), "shift", "alert.level_changed"],
    ["recovers without an event", open, said("recovering", "warning"), "shift", null],
    ["keeps its level without data", open, said("no_data"), "shift", null],
    ["closes", open, said("normal"), "close", "alert.closed"],
    ["goes on when nobody has seen it", { ...open, ended: true }, said("firing", "info"), "open_again", "alert.opened"],
    [
      "opens anew once it was seen",
      { ...open, ended: true, acknowledgement: "acknowledged" },
      said("firing", "info"),
      "open",
      "alert.opened",
    ],
    ["stays ended", { ...open, ended: true }, said("normal"), undefined, null],
  ])("%s", (_, standing, judgement, move, event) => {
    const step = transition(standing, judgement);
    expect(step?.move).toBe(move);
    expect(step?.event ?? null).toBe(event);
  });

  it("tells both when level and condition change together", () => {
    const step = transition({ ...open, condition: "recovering" }, said("firing", "critical"));
    expect(step?.entries).toEqual([
      { change: "firing", from: "recovering", to: "firing" },
      { change: "level", from: "warning", to: "critical" },
    ]);
  });

  it("leaves no trace of any judgement that comes twice", () => {
    const state = fc.constantFrom<ConditionState>("normal", "firing", "recovering", "no_data");
    const level = fc.constantFrom<AlertLevel>("info", "warning", "critical");
    fc.assert(
      fc.property(fc.array(fc.tuple(state, level)), (judgements) => {
        let standing: Standing | undefined;
        for (const [state, level] of judgements) {
          const judgement = said(state, state === "normal" ? null : level);
          const step = transition(standing, judgement);
          if (step) {
            const ended = step.move === "close";
            standing = { condition: step.condition, level: step.level, acknowledgement: "unacknowledged", ended };
          }
          expect(transition(standing, judgement)).toBeUndefined();
        }
      }),
    );
  });
});
