import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { describe, expect, it } from "vitest";

const script = resolve(import.meta.dirname, "../../scripts/walks.ts");
const walks = resolve(import.meta.dirname, "../../../shared/data/snmprec");

/** Exit code and lines of `npm run walks -- FOLDER`. */
function runWalks(folder: string): Promise<{ code: number; lines: string[] }> {
  return new Promise((done) => {
    execFile(process.execPath, [script, folder], { timeout: 60_000, maxBuffer: 1e7 }, (error, stdout) => {
      done({ code: typeof error?.code === "number" ? error.code : error ? -1 : 0, lines: stdout.trim().split("\n") });
    });
  });
}

async function withFolder(files: Record<string, string>, use: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "walks-"));
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
  await use(folder).finally(() => rm(folder, { recursive: true }));
}

const ups = {
  "acme.snmprec": [
    "1.3.6.1.2.1.1.1.0|4x|41636d6520555053",
    "1.3.6.1.2.1.1.2.0|6|1.3.6.1.4.1.99999.7",
    '1.3.6.1.2.1.33.1.1.2.0|4|Nine, "quoted"',
    "1.3.6.1.2.1.33.1.2.4.0|2|97",
    "1.3.6.1.2.1.33.1.4.4.1.2.1|2|230",
  ].join("\n"),
  "devices.csv": `recording,sysObjectID,sysDescr,hardware,version,serial,kind\nacme,.1.3.6.1.4.1.99999.7,Acme UPS,"Nine, ""quoted""",,,power\n`,
};

describe("walks", () => {
  it("passes when each reading is found at its OID with its class and value", async () => {
    const sensors =
      "recording,class,oid,descr,divisor,multiplier,value\nacme,charge,1.3.6.1.2.1.33.1.2.4.0,Charge,1,1,97\n";
    await withFolder({ ...ups, "sensors.csv": sensors }, async (folder) => {
      const { code, lines } = await runWalks(folder);
      expect(lines).toEqual(['acme: 3 of 3, standard, ups, Nine, "quoted"', "3 passed, 0 failed"]);
      expect(code).toBe(0);
    });
  });

  it("says what failed, and ends with 1", async () => {
    const sensors =
      "recording,class,oid,descr,divisor,multiplier,value\nacme,charge,1.3.6.1.2.1.33.1.2.4.0,Charge,1,1,50\n";
    await withFolder({ ...ups, "sensors.csv": sensors }, async (folder) => {
      const { code, lines } = await runWalks(folder);
      expect(lines).toContain("    charge 1.3.6.1.2.1.33.1.2.4.0 (Charge): charge 97 %, expected 50");
      expect(lines.at(-1)).toBe("2 passed, 1 failed");
      expect(code).toBe(1);
    });
  });

  it.skipIf(!existsSync(walks))(
    "reads the walks of real devices that lie beside the checkout (shared/data/snmprec)",
    async () => {
      const { lines } = await runWalks(walks);
      const [passed = 0, failed = 0] = lines.at(-1)?.match(/\d+/g)?.map(Number) ?? [];
      expect(passed + failed).toBe(1337);
      // What is left are values of ours that differ from LibreNMS's on purpose: docs/profiles.md names them.
      expect(passed).toBeGreaterThanOrEqual(1274);
    },
  );
});
