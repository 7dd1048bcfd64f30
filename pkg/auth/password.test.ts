import { describe, expect, it } from "vitest";
import { createPasswords } from "./password.ts";
import { networkOf } from "./throttle.ts";

describe("passwords", () => {
  const passwords = createPasswords();

  it("are recognised, each with its own salt", async () => {
    const [one, two] = [await passwords.hash("secret 密碼"), await passwords.hash("secret 密碼")];
    expect(one).not.toBe(two);
    expect(await passwords.verify("secret 密碼", one)).toBe(true);
    expect(await passwords.verify("secret", one)).toBe(false);
    expect(await passwords.verify("secret", undefined)).toBe(false);
  });

  it("are checked with the cost they were hashed with (a vector of another implementation)", async () => {
    const vector = "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4";
    expect(await passwords.verify("password", vector)).toBe(true);
    expect(await passwords.verify("Password", vector)).toBe(false);
  });

  it("say so when what is stored is no hash", async () => {
    await expect(passwords.verify("x", "plain")).rejects.toThrow("is no Argon2id hash");
  });

  it("bound how many wait", async () => {
    const many = Array.from({ length: 34 }, async () => passwords.verify("x", undefined));
    const refused = (await Promise.allSettled(many)).filter(({ status }) => status === "rejected");
    expect(refused.length).toBe(2);
  });
});

describe("a caller's network", () => {
  it("is the address, or the first half of an IPv6 one", () => {
    const networks = ["10.0.0.1", "::ffff:10.0.0.1", "2001:db8:1:2:3:4:5:6", "2001:db8::1", "::1"].map(networkOf);
    expect(networks).toEqual(["10.0.0.1", "10.0.0.1", "2001:db8:1:2", "2001:db8:0:0", "0:0:0:0"]);
  });
});
