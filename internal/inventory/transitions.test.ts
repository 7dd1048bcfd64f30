import { describe, expect, it } from "vitest";
import { deviceStates } from "./contract.ts";
import { afterAccept, afterPause, machineMoves, mayMove } from "./transitions.ts";

describe("transitions of a device", () => {
  it("never lead into rejected nor out of it without a person", () => {
    for (const from of deviceStates) expect(machineMoves[from]).not.toContain("rejected");
    expect(machineMoves.rejected).toEqual([]);
  });

  it("lead from discovered to collection only through accepted", () => {
    for (const to of ["validated", "deployed", "online", "silent"] as const) {
      expect(mayMove("discovered", to)).toBe(false);
      expect(mayMove("accepted", to)).toBe(true);
    }
  });

  it("let every state stay", () => {
    for (const state of deviceStates) expect(mayMove(state, state)).toBe(true);
  });

  it("leave a collected device as it is when it is accepted, and take it back when it is paused", () => {
    expect(afterAccept("online")).toBe("online");
    expect(afterPause("online")).toBe("accepted");
    expect(afterPause("discovered")).toBe("discovered");
  });
});
