import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { systemClock } from "#pkg/clock/clock.ts";
import { silentLogger } from "#pkg/logger/logger.ts";
import { until } from "#test/fixtures/until.ts";
import { openTelegrafBinary } from "./binary.ts";
import { isAtLeast } from "./plugins.ts";

const allPlugins = "inputs.internal\ninputs.modbus\ninputs.snmp\noutputs.influxdb_v2\nprocessors.starlark";

describe("looking for telegraf", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "detectviz-binary-"));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  /** A program that answers as Telegraf does. */
  const program = (name: string, version: string, plugins = allPlugins, file = "telegraf"): string => {
    const path = join(folder, name, file);
    mkdirSync(join(folder, name), { recursive: true });
    writeFileSync(path, `#!/bin/sh\nif [ "$1" = version ]; then echo "${version}"; else echo "${plugins}"; fi\n`);
    chmodSync(path, 0o755);
    return path;
  };
  const look = async (environment: Record<string, string>, configured = "") => {
    const cacheFolder = join(folder, "cache");
    const deps = { configured: () => configured, environment, cacheFolder, clock: systemClock, log: silentLogger };
    const source = openTelegrafBinary(deps);
    expect(source.binary().state).toBe("looking");
    const states: string[] = [];
    source.onBinary(({ state }) => states.push(state));
    await until(() => ["ready", "missing"].includes(source.binary().state));
    await source.close();
    expect(states.at(-1)).toBe(source.binary().state);
    return source.binary();
  };

  it("takes TELEGRAF_BIN before the configuration, PATH and the cache", async () => {
    const named = program("named", "Telegraf 1.39.3");
    const configured = program("configured", "Telegraf 1.38.0");
    program("path", "Telegraf 1.39.1");
    program("cache", "Telegraf 1.39.2");
    const PATH = `${join(folder, "path")}:/usr/bin:/bin`;
    expect(await look({ TELEGRAF_BIN: named, PATH }, configured)).toMatchObject({ path: named, version: "1.39.3" });
    expect(await look({ PATH }, configured)).toMatchObject({ path: configured, version: "1.38.0" });
    expect((await look({ PATH })).version).toBe("1.39.1");
    expect((await look({ PATH: "" })).version).toBe("1.39.2");
  });

  it("looks again when the configuration names another", async () => {
    let configured = program("one", "Telegraf 1.38.1");
    const deps = {
      environment: { PATH: "" },
      cacheFolder: join(folder, "cache"),
      clock: systemClock,
      log: silentLogger,
    };
    const source = openTelegrafBinary({ ...deps, configured: () => configured });
    await until(() => source.binary().version === "1.38.1");
    configured = program("two", "Telegraf 1.38.2");
    await source.lookAgain();
    await until(() => source.binary().version === "1.38.2");
    await source.close();
  });

  it("says of each candidate why it is not taken, and how to get one", async () => {
    const old = program("old", "Telegraf 1.30.0");
    program("path", "Telegraf 1.39.3", "inputs.snmp");
    const odd = program("odd", "hello");
    const { state, detail } = await look({ TELEGRAF_BIN: old, PATH: join(folder, "path") }, odd);
    expect(state).toBe("missing");
    expect(detail).toContain(`TELEGRAF_BIN: ${old} is 1.30.0, at least 1.38.0 is needed`);
    expect(detail).toContain("was built without inputs.internal, inputs.modbus, outputs.influxdb_v2");
    expect(detail).toContain(`${odd} does not answer as Telegraf does (hello)`);
    expect(detail).toContain("Go is not installed");
    for (const way of [
      "influxdata.com/downloads",
      "apt-get install telegraf",
      "yum install telegraf",
      "TELEGRAF_BIN",
    ]) {
      expect(detail).toContain(way);
    }
    expect((await look({ TELEGRAF_BIN: join(folder, "nothing"), PATH: "" })).detail).toContain("ENOENT");
  });

  it("refuses a Go that is too old, and tells what a build that fails says", async () => {
    const go = (version: string) => program("go", version, "", "go").replace(/\/go$/, "");
    expect((await look({ PATH: `${go("go version go1.25.4 linux/amd64")}:/bin` })).detail).toContain("Go is 1.25.4");
    const PATH = `${go("go version go1.26.8 linux/amd64")}:/usr/bin:/bin`;
    expect((await look({ PATH })).state).toBe("missing");
  });

  it("orders versions by number", () => {
    expect(isAtLeast("1.40.0-rc1", "1.39.3")).toBe(true);
    expect(isAtLeast("1.9.0", "1.38.0")).toBe(false);
    expect(isAtLeast("1.26", "1.26.0")).toBe(true);
  });
});
