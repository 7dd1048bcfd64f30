import { spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { cleanEnvironment, entry } from "#test/fixtures/command.ts";

describe("detectviz secret without a node", { timeout: 120_000 }, () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "detectviz-secret-"));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const run = (args: string[], input = "") => {
    const env = cleanEnvironment();
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      [...entry, ...args, "--data", join(folder, "data")],
      {
        input,
        encoding: "utf8",
        env,
      },
    );
    return { status, stdout, stderr };
  };
  const check = (text: string) => {
    const file = join(folder, "site.conf");
    writeFileSync(file, text);
    return run(["config", "check", "--config", file]);
  };

  it("sets, lists, rotates, deletes; refuses what is not there and a value that is none", () => {
    expect(run(["secret", "set", "mail"], "s3cret-1\n")).toMatchObject({ status: 0, stderr: "" });
    const listed = run(["secret", "list", "--json"]);
    expect(JSON.parse(listed.stdout).items).toMatchObject([{ name: "mail", version: 1, expires_at: null }]);
    expect(run(["secret", "rotate", "mail"]).stdout).toMatch(/^[\w-]{43}\n$/);
    expect(run(["secret", "list"]).stdout).toMatch(/^mail {2}version 2 /);
    expect(run(["secret", "delete", "mail"]).status).toBe(0);
    expect(run(["secret", "delete", "mail"])).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('no secret "mail"'),
    });
    expect(run(["secret", "rotate"])).toMatchObject({ status: 1, stderr: expect.stringContaining("--key") });
    expect(run(["secret", "set", "mail"])).toMatchObject({ status: 1, stderr: expect.stringContaining("empty") });
    expect(run(["secret", "set", "mail", "s3cret-1"]).status).toBe(2);
  });

  it("forgets all when the key is lost, and starts anew", () => {
    run(["secret", "set", "mail"], "s3cret-1");
    const key = join(folder, "data/secret.key");
    chmodSync(key, 0o644);
    expect(run(["secret", "list"]).stderr).toContain(`chmod 600 ${key}`);
    rmSync(key);
    expect(run(["secret", "list"])).toMatchObject({ status: 1, stderr: expect.stringContaining("secret forget") });
    expect(run(["secret", "forget"]).status).toBe(0);
    expect(run(["secret", "list"]).stdout).toBe("no secrets\n");
  });

  it("serves config check: values are checked, and never quoted", () => {
    const range = '[scan]\nallow = ["127.0.0.0/8"]\n[[scan.ranges]]\nrange = "secret://net"\n';
    const missing = check(range);
    expect(missing.stderr).toContain(`site.conf:4: there is no secret "net"`);
    expect(missing.stderr).toContain(`npx detectviz secret set net --data ${folder}/data`);
    run(["secret", "set", "net"], "10.99.1.0/24");
    expect(check(range).stderr).toMatch(/site\.conf:4: range "secret:\/\/net" is outside the allow-list/);
    run(["secret", "set", "net"], "127.0.9.0/24");
    expect(check(range)).toMatchObject({ status: 0, stderr: "" });
    run(["secret", "set", "pause"], "s3cret-no-duration");
    const duration = check('[scan.pace]\nper_device = "secret://pause"\n');
    expect(duration.stderr).toMatch(/site\.conf:2: "scan\.pace\.per_device" must match/);
    expect(duration.stderr).not.toContain("s3cret");
  });

  it("is refused where secrets cannot be had yet, and in rules", () => {
    expect(check('[telemetry]\nlog_level = "secret://level"\n').stderr).toMatch(
      /site\.conf:2: .*before the secrets can be opened/,
    );
    const rule = check('[[rules]]\nname = "secret://x"\ncondition = "a > 1"\nlevel = "warning"\n');
    expect(rule.stderr).toMatch(/site\.conf:2: .*a rule holds no secrets/);
  });
});
