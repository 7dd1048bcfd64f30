import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { changedKeys, changedSections } from "./changes.ts";
import { readNodeConfig } from "./config.ts";
import { parseRecords } from "./file-records.ts";
import { redact } from "./redact.ts";

const shipped = join(import.meta.dirname, "../../../conf/detectviz.conf");
const template = join(import.meta.dirname, "../../../conf/provisioning/templates/init/detectviz.conf");

describe("the node's configuration", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "detectviz-conf-"));
  });
  afterEach(() => rmSync(folder, { recursive: true }));
  const read = (text: string, listen?: string) => {
    const file = join(folder, "detectviz.conf");
    writeFileSync(file, text);
    return readNodeConfig(file, {}, listen);
  };

  it("takes the shipped file and the one that init writes, with rules and contacts", () => {
    expect(parseRecords(readNodeConfig(shipped, {})).rules.length).toBeGreaterThan(10);
    expect(parseRecords(readNodeConfig(template, {})).contacts).toEqual([]);
  });

  it("lets --listen win over the file", () => {
    expect(read('[http]\nlisten = "0.0.0.0:1"\n', "127.0.0.1:2").value.http.listen).toBe("127.0.0.1:2");
  });

  it("hides secrets, of the node and of its plugins", () => {
    const { value } = read(
      '[[scan.credentials]]\ntype = "snmp"\ncommunity = "s3cret"\n[plugins.notifier.email]\nhost = "mail"\npassword = "hunter2"\n',
    );
    const text = JSON.stringify(redact(value, () => undefined));
    expect(text).toContain('"host":"mail"');
    expect(text).not.toMatch(/s3cret|hunter2/);
  });

  it("tells which sections changed and which of them wait for a restart", () => {
    const before = read('[node]\nname = "a"\n').value;
    const after = read('[node]\nname = "b"\n[scan]\naccept = "ask"\n[storage.sql]\npool_size = 3\n').value;
    expect(changedSections(before, after)).toEqual(["node", "storage", "scan"]);
    const keys = (live: typeof before) =>
      changedKeys(after, { started: before, live }).map(({ key, restart }) => [key, restart]);
    expect(keys(before)).toEqual([
      ["node.name", true],
      ["storage.sql.pool_size", true],
      ["scan.accept", false],
    ]);
    expect(keys(after)).toEqual([
      ["node.name", true],
      ["storage.sql.pool_size", true],
    ]);
  });

  it("refuses a scan range outside the allow-list with its line", () => {
    const config = read('[scan]\nallow = ["127.0.0.0/8"]\n[[scan.ranges]]\nrange = "10.0.0.0/24"\n');
    expect(() => parseRecords(config)).toThrow(/detectviz\.conf:4.*outside the allow-list/);
  });
});
