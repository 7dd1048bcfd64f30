import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { readProfiles } from "./read.ts";

let folder = "";
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "profiles-"));
});
afterEach(() => rm(folder, { recursive: true }));

async function write(name: string, rest: string): Promise<void> {
  const file = join(folder, name);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, `vendor: Acme\nmodel: X\nkind: pdu\nprotocol: snmp\n${rest}`);
}

const reading = "readings: [{ field: voltage, kind: voltage, unit: V, oid: 1.3.6.1.4.1.99999.1.0 }]\n";

describe("readProfiles", () => {
  it("names profiles by vendor and file, and takes none from a folder that is not there", async () => {
    await write("shipped/acme/pdu.yaml", reading);
    await write("shipped/acme/testcases/notes.yaml", "x: 1\n");
    const profiles = await readProfiles([join(folder, "shipped"), join(folder, "nowhere")]);
    expect(profiles.map(({ id }) => id)).toEqual(["acme/pdu"]);
  });

  it("lets a later folder replace a profile", async () => {
    await write("shipped/acme/pdu.yaml", reading);
    await write("site/acme/pdu.yaml", "readings: []\n");
    const profiles = await readProfiles([join(folder, "shipped"), join(folder, "site")]);
    expect(profiles).toMatchObject([{ id: "acme/pdu", readings: [] }]);
  });

  it("adds the readings of included profiles, which stay optional where they were", async () => {
    await write("shipped/acme/sensors.yaml", `optional: true\n${reading}`);
    await write("shipped/acme/pdu.yaml", "include: [acme/sensors]\n");
    const profiles = await readProfiles([join(folder, "shipped")]);
    expect(profiles.find(({ id }) => id === "acme/pdu")?.readings).toMatchObject([
      { field: "voltage", optional: true },
    ]);
  });

  it("refuses an include that does not exist, and one that goes in a circle", async () => {
    await write("shipped/acme/pdu.yaml", "include: [acme/none]\n");
    await expect(readProfiles([join(folder, "shipped")])).rejects.toThrow(
      "include names acme/none, which does not exist",
    );
    await write("shipped/acme/none.yaml", "include: [acme/pdu]\n");
    await expect(readProfiles([join(folder, "shipped")])).rejects.toThrow("include goes in a circle");
  });

  it("refuses the whole set when one file is wrong, naming it", async () => {
    await write("shipped/acme/good.yaml", reading);
    await write("shipped/acme/bad.yaml", "readings: 7\n");
    await expect(readProfiles([join(folder, "shipped")])).rejects.toThrow(/bad\.yaml:5: readings/);
  });
});
