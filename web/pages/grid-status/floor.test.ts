import { describe, expect, it } from "vitest";
import { layOut, parseRack } from "./floor.ts";

function device(rack: string | undefined, side?: string) {
  const tags: Record<string, string> = {
    ...(rack === undefined ? {} : { rack }),
    ...(side === undefined ? {} : { side }),
  };
  return {
    id: `${rack}${side}`,
    key: "k",
    name: "n",
    kind: "pdu",
    state: "online" as const,
    paused: false,
    alert: null,
    tags,
  };
}

describe("parseRack", () => {
  it.each([
    ["S32", { row: "S", column: 32 }],
    ["AA07", { row: "AA", column: 7 }],
    ["s32", undefined],
    ["32", undefined],
    ["U6F", undefined],
    ["", undefined],
  ])("%s", (name, expected) => expect(parseRack(name)).toEqual(expected));
});

describe("layOut", () => {
  const devices = [
    device("B3", "L"),
    device("B3", "R"),
    device("A01", "l"),
    device("AA1"),
    device("U6F"),
    device(undefined),
  ];

  it("has rows of letters, single ones first, and every column between the outermost", () => {
    const floor = layOut(devices, false);
    expect(floor.lineNames).toEqual(["A", "B", "AA"]);
    expect(floor.placeNames).toEqual(["1", "2", "3"]);
    expect(floor.cells[0]?.[0]?.left).toHaveLength(1);
    expect(floor.cells[1]?.[2]).toMatchObject({ name: "B3", left: [{ id: "B3L" }], right: [{ id: "B3R" }] });
    expect(floor.cells[1]?.[1]).toBeNull();
    expect(floor.elsewhere).toHaveLength(2);
  });

  it("turns by 90°", () => {
    const floor = layOut(devices, true);
    expect(floor.lineNames).toEqual(["1", "2", "3"]);
    expect(floor.placeNames).toEqual(["A", "B", "AA"]);
    expect(floor.cells[2]?.[1]).toMatchObject({ name: "B3" });
  });

  it("is empty without racks", () => {
    expect(layOut([], false)).toEqual({ lineNames: [], placeNames: [], cells: [], elsewhere: [] });
  });
});
