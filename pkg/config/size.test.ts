import { describe, expect, it } from "vitest";
import { parseSize, sizePattern, toSizeText } from "./size.ts";

describe("sizes", () => {
  it("count in steps of 1024", () => {
    const read = ["3KB", "32MB", "1GB", "1GiB"].map(parseSize);
    expect(read).toEqual([3072, 33_554_432, 1_073_741_824, 1_073_741_824]);
    expect([512, 1536, 33_554_432].map(toSizeText)).toEqual(["512 B", "1.5 KB", "32.0 MB"]);
  });

  it("must have a unit, and be something", () => {
    expect(() => parseSize("32")).toThrow("write for example");
    expect(["32", "0MB", "1TB", "32MB"].map((text) => new RegExp(sizePattern).test(text))).toEqual([
      ...[false, false, false, true],
    ]);
  });
});
