import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { silentLogger } from "#pkg/logger/logger.ts";
import { until } from "#test/fixtures/until.ts";
import { type ReadConfig, readNodeConfig } from "./config.ts";
import type { Live } from "./live.ts";
import { openReloader, type Reloader, type TakeOver } from "./reload.ts";

describe("the reload of a configuration", () => {
  let [folder, file] = ["", ""];
  let reloader: Reloader;
  let swap: () => TakeOver[];
  let given: Live[];
  let closed: Set<ReadConfig>;
  const done: string[] = [];
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "detectviz-reload-"));
    file = join(folder, "detectviz.conf");
    writeFileSync(file, "");
    [given, closed] = [[], new Set()];
    done.length = 0;
    const read = () => readNodeConfig(file, {});
    const first = toLive(read());
    reloader = openReloader({
      current: () => first,
      readConfig: async () => read(),
      build: toLive,
      async swap(next) {
        given.push(next);
        return swap();
      },
      log: silentLogger,
    });
  });
  afterEach(async () => {
    await reloader.close();
    rmSync(folder, { recursive: true });
  });

  /** Of plugins and records the reloader only closes what it built. */
  function toLive(config: ReadConfig): Live {
    const plugins = { close: async () => void closed.add(config) };
    return { config, plugins, records: { rules: [], contacts: [], routes: [] } } as unknown as Live;
  }

  const reloaded = async (detail: RegExp) => {
    reloader.again();
    await until(() => detail.test(reloader.health().detail));
  };

  it("lets every part take it over although one fails, and says which", async () => {
    const fail = () => Promise.reject(new Error("the port is taken"));
    swap = () => [
      { part: "http", run: fail },
      { part: "demo", run: () => void done.push("demo") },
    ];
    await reloaded(/not everywhere: http: the port is taken; save the file again/);
    expect([done, reloader.health().status]).toEqual([["demo"], "degraded"]);
    swap = () => [];
    await reloaded(/^taken over at/);
    expect(reloader.health().status).toBe("ok");
    expect(given.map(({ config }) => closed.has(config))).toEqual([false, false]);
  });

  it("takes over what was saved between the start and the first look", async () => {
    swap = () => [];
    writeFileSync(file, '[node]\ntime_zone = "Asia/Tokyo"\n'); // nobody follows the files before the next turn
    await until(() => /^taken over at/.test(reloader.health().detail));
  });

  it("closes what was built of one that is refused", async () => {
    swap = () => {
      throw new Error("there is no store");
    };
    await reloaded(/refused, the old one is in use: there is no store/);
    expect(given.map(({ config }) => closed.has(config))).toEqual([true]);
  });
});
