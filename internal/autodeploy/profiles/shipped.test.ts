import { resolve } from "node:path";
import { describe, expect, it } from "vitest";
import type { DeviceProfile, ProfileMatch } from "#pkg/contracts/profile.ts";
import { readProfiles } from "./read.ts";

/** All data as data: what holds for every profile that is shipped. */
const profiles = await readProfiles([resolve(import.meta.dirname, "../../../plugins/devices")]);

/** Models of the plants that Detectviz is made for. */
const plantModels = [
  "delta/pdue428",
  "delta/pdu1315-modbus",
  "delta/pdu4425-modbus",
  "delta/pdue428-modbus",
  "vertiv/6ps56",
  "lieneo/wcm-421",
  "hpe/5130",
  "hpe/5945",
  "moxa/awk-1161a",
];

const kinds = new Set(["pdu", "ups", "cooling", "switch", "sensor", "gateway", "ap", "rectifier", "meter"]);

describe("shipped profiles", () => {
  it("hold the models of the plant", () => {
    expect(profiles.map(({ id }) => id)).toEqual(expect.arrayContaining(plantModels));
  });

  it.each(profiles.map((profile) => [profile.id, profile] as const))("%s is sound", (_, profile) => {
    expect(kinds).toContain(profile.kind);
    expect(placesOf(profile)).toEqual([...new Set(placesOf(profile))]);
    for (const reading of profile.readings) {
      const scales =
        "type" in reading ? Object.values(reading.type.map).map(({ scale }) => scale ?? 1) : [reading.scale ?? 1];
      expect(scales.every((scale) => scale > 0 && Number.isFinite(scale))).toBe(true);
    }
  });

  it("are told apart: no two have the same way to be recognised", () => {
    const ways = profiles.flatMap((profile) => matchesOf(profile).map((match) => JSON.stringify(match)));
    expect(ways).toEqual([...new Set(ways)]);
  });

  it("read something, or are there for their standard readings", () => {
    const empty = profiles.filter(({ readings, standard }) => readings.length === 0 && !standard?.length);
    expect(empty.map(({ id }) => id)).toEqual([]);
  });
});

function matchesOf({ match }: DeviceProfile): readonly ProfileMatch[] {
  return [match].flat();
}

/** No place is read twice for the same field: that is a slip of the pen. */
function placesOf({ readings }: DeviceProfile): string[] {
  return readings.map((reading) => {
    const place = "oid" in reading ? reading.oid : `${reading.register} ${reading.address}`;
    return "type" in reading ? JSON.stringify([place, reading.type]) : `${place} ${reading.field}`;
  });
}
