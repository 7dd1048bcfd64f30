import { Readable } from "node:stream";
import { describe, expect, it } from "vitest";
import { createBodies } from "./bodies.ts";

describe("bodies", () => {
  const chunks = (...sizes: number[]) => Readable.from(sizes.map((size, i) => Buffer.alloc(size, i + 1)));

  it("come whole, whatever was claimed", async () => {
    const bodies = createBodies(() => 1_000_000);
    for (const claimed of [undefined, 10, 200_000]) {
      const body = await bodies.read(chunks(100_000, 50_000, 1), claimed);
      expect([body.length, body[0], body[100_000], body[150_000]]).toEqual([150_001, 1, 2, 3]);
      bodies.giveBack(body);
    }
  });

  it("are refused when they claim or bring too much", async () => {
    const bodies = createBodies(() => 100);
    await expect(bodies.read(chunks(1), 101)).rejects.toMatchObject({ code: "too_large" });
    await expect(bodies.read(chunks(60, 41), undefined)).rejects.toMatchObject({ code: "too_large" });
    expect((await bodies.read(chunks(60, 40), undefined)).length).toBe(100);
  });

  it("are refused when they end too early", async () => {
    const broken = new Readable({ read: () => broken.destroy(new Error("aborted")) });
    await expect(createBodies(() => 100).read(broken, 10)).rejects.toMatchObject({ code: "bad_request" });
  });

  it("use memory again only once it was given back", async () => {
    const bodies = createBodies(() => 100);
    const first = await bodies.read(chunks(3), 3);
    const second = await bodies.read(chunks(3), 3);
    expect(second.buffer).not.toBe(first.buffer);
    bodies.giveBack(first);
    expect((await bodies.read(chunks(3), 3)).buffer).toBe(first.buffer);
  });
});
