import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { acceptedDevice, currentReading } from "#internal/autodeploy/render/devices.fixture.ts";
import { renderUnit } from "#internal/autodeploy/render/render.ts";
import { testSettings } from "#internal/autodeploy/render/settings.fixture.ts";
import { compareReadings } from "#internal/autodeploy/rollout/compare.ts";
import { parsePrinted } from "#internal/autodeploy/rollout/points.ts";
import type { BinarySource } from "#internal/fleet/binary.ts";
import { createTrials, type Trials } from "#internal/fleet/trial.ts";
import type { Device } from "#internal/inventory/contract.ts";
import { openRealTelegraf, telegrafBin } from "./fleet-telegraf.ts";
import { openSnmpDevice, type SnmpDevice } from "./rollout-snmp-device.ts";

const cases = join(import.meta.dirname, "../../internal/autodeploy/render/testcases");

describe.skipIf(telegrafBin === undefined)(
  "what a device says, through a real Telegraf (set TELEGRAF_BIN, or start the node once: it builds one)",
  () => {
    let folder: string;
    let binary: BinarySource;
    let trials: Trials;
    let agent: SnmpDevice;
    beforeEach(async () => {
      folder = mkdtempSync(join(tmpdir(), "detectviz-hostile-"));
      binary = await openRealTelegraf();
      const environment = {
        HOME: "/home/somebody/leaked",
        DETECTVIZ_INGEST_URL: "http://127.0.0.1:1",
        DETECTVIZ_INGEST_TOKEN: "t",
      };
      trials = createTrials({ folder: join(folder, "trials"), binary: () => binary.binary(), environment });
      agent = await openSnmpDevice({});
    });
    afterEach(async () => {
      await agent.close();
      await binary.close();
      rmSync(folder, { recursive: true, force: true });
    });

    for (const name of readdirSync(cases)) {
      it(`config check takes testcases/${name}`, async () => {
        const { ok, output } = await trials.check(renderUnit("unit-1", readCase(name), testSettings));
        expect(output).not.toContain(" E! ");
        expect(ok).toBe(true);
      });
    }

    it("comes out as the very same text", { timeout: 120_000 }, async () => {
      const [hostile] = readCase("hostile-texts");
      agent.values = new Map([
        ["1.3.6.1.2.1.1.3.0", 10],
        ["1.3.6.1.2.1.1.3.1", 250],
      ]);
      const device = acceptedDevice({ ...hostile?.endpoint, port: agent.port } as Device["endpoint"], {
        ...hostile,
        key: `127.0.0.1:${agent.port}:0`,
        endpoint: { ...hostile?.endpoint, port: agent.port } as Device["endpoint"],
      });
      const points = await pointsOf(device);
      expect(compareReadings(device, points)).toBeNull();
      const tags = points[0]?.tags ?? [];
      const name = tags.find((tag) => tag.startsWith("name="));
      expect(name).toContain(`a"b\\\\n[[inputs.exec]]\\ncommands\\ \\=\\ ["touch\\ /pwned"]`);
      expect(name).toContain(`\${HOME}\\ $HOME\\ $$\\ @{store:key}\\ #\\ '`);
      expect(tags).toContain("environment=$HOME");
      // Telegraf writes its metrics in no order.
      const fields = points.flatMap((point) => [...point.fields]).sort(([, a], [, b]) => Number(a) - Number(b));
      expect(fields).toEqual([
        ["cur\\=rent;2*3%", 2.5],
        ["current", 3],
      ]);
      expect(existsSync("/pwned")).toBe(false);
    });

    it("holds for any text", { timeout: 120_000 }, async () => {
      const texts = fc.sample(fc.string({ unit: "binary", minLength: 1, maxLength: 40 }), 60);
      const readings = texts.map((text, index) => {
        const source = { type: "snmp", oid: `1.3.6.1.4.1.9.${index}` } as const;
        agent.values.set(source.oid, 10);
        return currentReading(source, { field: `f${index}`, tags: { outlet: text } });
      });
      const device = acceptedDevice(
        { protocol: "snmp", address: "127.0.0.1", port: agent.port, version: "2c", community: "c" },
        { readings, name: texts[0] ?? "", tags: { room: texts[1] ?? "" } },
      );
      expect(compareReadings(device, await pointsOf(device))).toBeNull();
    });

    async function pointsOf(device: Device) {
      const { lines } = await trials.test(renderUnit("unit-1", [device], testSettings), 20_000);
      const points = lines.flatMap((line) => parsePrinted(line) ?? []);
      return points.filter(({ tags }) => tags.includes(`device=${device.key}`));
    }
  },
);

function readCase(name: string): Device[] {
  const texts: (Partial<Device> & Pick<Device, "endpoint">)[] = JSON.parse(
    readFileSync(join(cases, name, "devices.json"), "utf8"),
  );
  return texts.map(({ endpoint, ...fields }) => acceptedDevice(endpoint, fields));
}
