import { describe, expect, it } from "vitest";
import { isOpenToIngest } from "./access.ts";

describe("writing without a token", () => {
  const local = { remoteAddress: "127.0.0.1", headers: {} };

  it("is possible from this machine when auth is none", () => {
    for (const remoteAddress of ["127.0.0.1", "127.8.9.1", "::1", "::ffff:127.0.0.1"]) {
      expect(isOpenToIngest("none", { remoteAddress, headers: {} })).toBe(true);
    }
  });

  it("is not possible from elsewhere", () => {
    for (const remoteAddress of ["10.0.0.1", "::2", "127.evil.example", undefined]) {
      expect(isOpenToIngest("none", { remoteAddress, headers: {} })).toBe(false);
    }
  });

  it("is not possible when tokens are asked for", () => {
    expect(isOpenToIngest("token", local)).toBe(false);
  });

  it("is not possible for a page in a browser, nor through a proxy", () => {
    for (const header of ["origin", "sec-fetch-site", "x-forwarded-for", "forwarded"]) {
      expect(isOpenToIngest("none", { ...local, headers: { [header]: "x" } })).toBe(false);
    }
  });
});
