import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import type { Device } from "#internal/inventory/contract.ts";
import { acceptedDevice, currentReading, modbusDevice } from "./devices.fixture.ts";
import { renderUnit, unitIntervalMs } from "./render.ts";
import { testSettings } from "./settings.fixture.ts";

const cases = join(import.meta.dirname, "testcases");

/** `UPDATE_GOLDEN=1` writes what is rendered now; read the diff before you commit it. */
const update = process.env["UPDATE_GOLDEN"] === "1";

describe("rendering", () => {
  for (const name of readdirSync(cases)) {
    it(`gives the files of testcases/${name}`, () => {
      const files = renderUnit("unit-1", readCase(name), testSettings);
      const { "telegraf.conf": agent, ...inputs } = files;
      if (update) writeCase(name, inputs);
      expect(inputs).toEqual(readExpected(name));
      expect(agent).toContain("skip_processors_after_aggregators = true");
    });
  }

  it("says the same for the same devices in any order", () => {
    const devices = readCase("modbus-gateway");
    expect(renderUnit("u", devices.toReversed(), testSettings)).toEqual(renderUnit("u", devices, testSettings));
  });

  it("reads a gateway no faster than its requests and pauses allow", () => {
    const slow = { ...testSettings, modbusPauseAfterConnectMs: 500, modbusPauseBetweenRequestsMs: 1000 };
    const source = (address: number) =>
      ({ type: "modbus", register: "holding", address, dataType: "UINT16", byteOrder: "ABCD" }) as const;
    const spread = Array.from({ length: 20 }, (_none, index) => currentReading(source(index * 2)));
    const joined = Array.from({ length: 20 }, (_none, index) => currentReading(source(index)));
    expect(unitIntervalMs([modbusDevice(1, { readings: spread })], slow)).toBe(25_000);
    expect(unitIntervalMs([modbusDevice(1, { readings: joined })], slow)).toBe(slow.intervalMs);
  });
});

function readCase(name: string): Device[] {
  const texts: (Partial<Device> & Pick<Device, "endpoint">)[] = JSON.parse(
    readFileSync(join(cases, name, "devices.json"), "utf8"),
  );
  return texts.map(({ endpoint, ...fields }) => acceptedDevice(endpoint, fields));
}

function readExpected(name: string): Record<string, string> {
  const folder = join(cases, name, "telegraf.d");
  const files = readdirSync(folder).map((file) => [`telegraf.d/${file}`, readFileSync(join(folder, file), "utf8")]);
  return Object.fromEntries(files);
}

function writeCase(name: string, files: Readonly<Record<string, string>>): void {
  for (const [file, content] of Object.entries(files)) {
    mkdirSync(dirname(join(cases, name, file)), { recursive: true });
    writeFileSync(join(cases, name, file), content);
  }
}
