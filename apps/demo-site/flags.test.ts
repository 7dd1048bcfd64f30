import { describe, expect, it } from "vitest";
import { addressAt, parseFlags } from "./flags.ts";

describe("flags", () => {
  it("have defaults that the shipped configuration names", () => {
    expect(parseFlags([])).toEqual({
      hostBase: "127.0.9.1",
      http: { host: "127.0.0.1", port: 8681 },
      smtp: { host: "127.0.0.1", port: 8625 },
      seed: 1,
      stay: false,
    });
  });

  it.each([
    [["--host-base", "10.0.0.1"], "no loopback address"],
    [["--host-base", "127.0.0.256"], "no loopback address"],
    [["--http", "0.0.0.0:80"], "no loopback address"],
    [["--smtp", "127.0.0.1"], "not HOST:PORT"],
    [["--smtp", "127.0.0.1:70000"], "not HOST:PORT"],
    [["--seed", "x"], "no whole number"],
    [["--colour", "red"], "Unknown option"],
  ])("refuse %j", (argv, message) => {
    expect(() => parseFlags(argv)).toThrow(message);
  });

  it("count addresses over the end of an octet", () => {
    expect(addressAt("127.0.9.250", 9)).toBe("127.0.10.3");
  });
});
