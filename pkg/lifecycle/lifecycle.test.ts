import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { openFolderLock } from "./folder-lock.ts";
import { createTeardown } from "./teardown.ts";

describe("teardown", () => {
  it("closes in reverse order, also after a failure, and tells what failed", async () => {
    const closed: string[] = [];
    const teardown = createTeardown();
    teardown.add("a", 1, () => {
      closed.push("a");
    });
    teardown.add("b", 2, () => Promise.reject(new Error("stuck")));
    teardown.add("c", 3, () => {
      closed.push("c");
    });
    await expect(teardown.run()).rejects.toThrow("closing b failed");
    expect(closed).toEqual(["c", "a"]);
    await expect(teardown.run()).resolves.toBeUndefined();
  });

  it("throws why all is closed, not what failed while closing: that is told", async () => {
    const teardown = createTeardown();
    teardown.add("a", 1, () => Promise.reject(new Error("no room")));
    const told: string[] = [];
    const why = new Error("the disk is full");
    await expect(teardown.runAfter(why, (failure) => told.push(failure))).rejects.toBe(why);
    expect(told).toEqual(["closing a failed: no room"]);
  });
});

describe("folder lock", () => {
  const withFolder = (work: (folder: string) => void) => {
    const folder = mkdtempSync(join(tmpdir(), "detectviz-lock-"));
    try {
      work(folder);
    } finally {
      rmSync(folder, { recursive: true });
    }
  };

  it("refuses a second holder by name and gives way after release", () =>
    withFolder((folder) => {
      const lock = openFolderLock(folder);
      expect(() => openFolderLock(folder)).toThrow(`process ${process.pid}`);
      lock.release();
      openFolderLock(folder).release();
    }));

  it("takes over from a process that is gone, also when its pid lives on in another process", () =>
    withFolder((folder) => {
      writeFileSync(join(folder, "node.lock"), `${process.pid} 1`);
      expect(() => openFolderLock(folder)).not.toThrow();
    }));
});
