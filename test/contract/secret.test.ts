import { chmodSync, existsSync, readdirSync, readFileSync, renameSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createFakeClock } from "#pkg/clock/fake.ts";
import type { AuditEntry } from "#pkg/contracts/audit.ts";
import { openDirectory } from "#pkg/filestore/adapters/directory.ts";
import { openKeyring } from "#pkg/secret/keyring.ts";
import { readMasterKey } from "#pkg/secret/master-key.ts";
import { createScrubber } from "#pkg/secret/scrub.ts";
import { sealVersions } from "#pkg/secret/sealed-files.ts";
import { createSecrets, resealSecrets } from "#pkg/secret/secrets.ts";
import { openTestDatabase } from "#test/fixtures/database.ts";

const value = "Tr0ub4dor&3 密碼";
const keyOf = (byte: number) => Buffer.alloc(32, byte).toString("base64");

describe("secrets", () => {
  const clock = createFakeClock(1000);
  let database: Awaited<ReturnType<typeof openTestDatabase>>;
  let audited: Omit<AuditEntry, "at">[];
  let changed: string[];
  beforeEach(async () => {
    database = await openTestDatabase();
    audited = [];
    changed = [];
  });
  afterEach(() => database.dispose());

  const open = async (environment: NodeJS.ProcessEnv = {}) => {
    const { sql, folder } = database;
    const vault = await openKeyring({ sql, master: readMasterKey(folder, environment), clock });
    const audit = { record: async (entry: Omit<AuditEntry, "at">) => void audited.push(entry) };
    const onChange = (name: string) => void changed.push(name);
    return { vault, secrets: createSecrets({ sql, clock, vault, audit, onValue() {}, onChange }) };
  };
  const keyFile = () => join(database.folder, "secret.key");
  const bytesOnDisk = () =>
    readdirSync(database.folder)
      .map((name) => readFileSync(join(database.folder, name), "latin1"))
      .join("");

  it("gives back what was set, also to the next process, and lists without values", async () => {
    const { secrets } = await open();
    await secrets.set("mail", value, { expiresAt: 5000, by: "ann" });
    await secrets.set("a.b-c_1", "x", { by: "ann" });
    expect(await (await open()).secrets.get("mail")).toBe(value);
    expect(await secrets.list()).toEqual([
      { name: "a.b-c_1", version: 1, createdAt: 1000, updatedAt: 1000, expiresAt: null },
      { name: "mail", version: 1, createdAt: 1000, updatedAt: 1000, expiresAt: 5000 },
    ]);
    expect(await secrets.get("nothing")).toBeUndefined();
    expect(await secrets.metadata("nothing")).toBeUndefined();
    expect(changed).toEqual(["mail", "a.b-c_1"]);
  });

  it("keeps the ten newest versions", async () => {
    const { secrets } = await open();
    for (let n = 1; n <= 12; n++) await secrets.set("mail", `v${n}`, { by: "ann" });
    expect(await secrets.metadata("mail")).toMatchObject({ version: 12 });
    expect(await Promise.all([undefined, 12, 3, 2, 13].map((version) => secrets.get("mail", version)))).toEqual([
      "v12",
      "v12",
      "v3",
      undefined,
      undefined,
    ]);
  });

  it("deletes all versions, once", async () => {
    const { secrets } = await open();
    await secrets.set("mail", value, { by: "ann" });
    expect([await secrets.delete("mail", "ann"), await secrets.delete("mail", "ann")]).toEqual([true, false]);
    expect([await secrets.get("mail"), await secrets.get("mail", 1), await secrets.list()]).toEqual([
      undefined,
      undefined,
      [],
    ]);
  });

  it("rotates to a random value, told this once, and refuses to rotate what is not there", async () => {
    const { secrets } = await open();
    await secrets.set("mail", value, { by: "ann" });
    const rotated = await secrets.rotate("mail", "ann");
    expect(rotated).toMatchObject({ metadata: { version: 2 }, value: expect.stringMatching(/^[\w-]{43}$/) });
    expect([await secrets.get("mail"), await secrets.get("mail", 1)]).toEqual([rotated.value, value]);
    await expect(secrets.rotate("other", "ann")).rejects.toMatchObject({ code: "not_found" });
  });

  it("refuses names and values that cannot be one, without quoting the value", async () => {
    const { secrets } = await open();
    for (const name of ["", "Mail", "a/b", "../x", "-a", "a".repeat(101)]) {
      await expect(secrets.set(name, value, { by: "ann" })).rejects.toMatchObject({ code: "bad_request" });
    }
    await expect(secrets.set("mail", "", { by: "ann" })).rejects.toThrow("empty");
    const long = secrets.set("mail", "s3".repeat(20_000), { by: "ann" });
    await expect(long).rejects.toThrow(/40000 bytes/);
    await expect(long).rejects.not.toThrow("s3s3");
  });

  it("writes neither value nor key into database, log files or audit entries", async () => {
    const { secrets, vault } = await open();
    await secrets.set("mail", value, { by: "ann" });
    const { value: random } = await secrets.rotate("mail", "ann");
    await vault.renew(resealSecrets);
    const key = readFileSync(keyFile(), "utf8").trim();
    const all = bytesOnDisk().replace(key, "") + JSON.stringify(audited);
    for (const secret of [Buffer.from(value).toString("latin1"), random, key]) expect(all).not.toContain(secret);
    expect(audited.map(({ action, target }) => `${action} ${target}`)).toEqual([
      "secret.set mail",
      "secret.rotate mail",
    ]);
  });

  it("makes its key at the first start, for the owner alone, and refuses one that others can read", async () => {
    await open();
    expect(statSync(keyFile()).mode & 0o777).toBe(0o600);
    chmodSync(keyFile(), 0o640);
    await expect(open()).rejects.toMatchObject({
      code: "config",
      at: keyFile(),
      mend: expect.stringContaining("chmod 600"),
    });
  });

  it("refuses a key that is missing, another or malformed, by name and with the mend", async () => {
    await (await open()).secrets.set("mail", value, { by: "ann" });
    renameSync(keyFile(), `${keyFile()}.away`);
    await expect(open()).rejects.toMatchObject({
      at: keyFile(),
      message: expect.stringMatching(/not here.*copy secret.key/),
    });
    expect(existsSync(keyFile())).toBe(false);
    writeFileSync(keyFile(), keyOf(7), { mode: 0o600 });
    await expect(open()).rejects.toMatchObject({ at: keyFile(), message: expect.stringContaining("does not fit") });
    writeFileSync(keyFile(), "short", { mode: 0o600 });
    await expect(open()).rejects.toMatchObject({ at: keyFile(), message: expect.stringContaining("32 bytes") });
    await expect(open({ DETECTVIZ_SECRET_KEY: "short" })).rejects.toThrow("environment variable DETECTVIZ_SECRET_KEY");
  });

  it("renews the key: all values stay, the old key opens nothing any more", async () => {
    const { secrets, vault } = await open();
    await secrets.set("mail", value, { by: "ann" });
    const oldKey = readFileSync(keyFile(), "utf8");
    const sealedBefore = vault.seal("text", "place");
    await vault.renew(resealSecrets);
    expect(readFileSync(keyFile(), "utf8")).not.toBe(oldKey);
    expect([await secrets.get("mail"), await (await open()).secrets.get("mail")]).toEqual([value, value]);
    expect((await open()).vault.open(sealedBefore, "place")).toBe("text");
    writeFileSync(keyFile(), oldKey);
    await expect(open()).rejects.toThrow("does not fit");
  });

  it("survives a renewal that was cut short, before and after its commit", async () => {
    const { secrets, vault } = await open();
    await secrets.set("mail", value, { by: "ann" });
    await expect(vault.renew(() => Promise.reject(new Error("disk full")))).rejects.toThrow("disk full");
    expect(existsSync(`${keyFile()}.next`)).toBe(true);
    expect(await (await open()).secrets.get("mail")).toBe(value);
    expect(existsSync(`${keyFile()}.next`)).toBe(false);
    const oldKey = readFileSync(keyFile());
    await vault.renew(resealSecrets);
    renameSync(keyFile(), `${keyFile()}.next`); // as a kill between commit and rename leaves it
    writeFileSync(keyFile(), oldKey, { mode: 0o600 });
    expect(await (await open()).secrets.get("mail")).toBe(value);
    expect(existsSync(`${keyFile()}.next`)).toBe(false);
  });

  it("takes its key from the environment, and a new one with the old beside it", async () => {
    const before = await open({ DETECTVIZ_SECRET_KEY: keyOf(1) });
    await before.secrets.set("mail", value, { by: "ann" });
    await expect(before.vault.renew(resealSecrets)).rejects.toThrow("DETECTVIZ_SECRET_KEY_OLD");
    expect(existsSync(keyFile())).toBe(false);
    const both = { DETECTVIZ_SECRET_KEY: Buffer.alloc(32, 2).toString("hex"), DETECTVIZ_SECRET_KEY_OLD: keyOf(1) };
    const { vault } = await open(both);
    expect(vault.isRenewalDue).toBe(true);
    await vault.renew(resealSecrets);
    expect((await open(both)).vault.isRenewalDue).toBe(false);
    expect(await (await open({ DETECTVIZ_SECRET_KEY: keyOf(2) })).secrets.get("mail")).toBe(value);
    await expect(open({ DETECTVIZ_SECRET_KEY: keyOf(1) })).rejects.toThrow("does not fit");
  });

  it("opens sealed text only at its place and unchanged, and seals the same to the same", async () => {
    const { vault } = await open();
    const sealed = vault.seal("public", "device/a");
    expect(vault.open(sealed, "device/a")).toBe("public");
    expect(vault.seal("public", "device/a")).toBe(sealed);
    expect(vault.seal("public", "device/b").slice(16)).not.toBe(sealed.slice(16));
    const last = sealed.at(-2) === "A" ? "B" : "A";
    expect(() => vault.open(sealed, "device/b")).toThrow("moved");
    expect(() => vault.open(`${sealed.slice(0, -2)}${last}${sealed.at(-1)}`, "device/a")).toThrow("changed");
    expect(() => vault.open("sealed:00000000:abc", "device/a")).toThrow("key that this node does not have");
    expect(() => vault.open("public", "device/a")).toThrow("key that this node does not have");
  });

  it("seals versions of files; one from before stays readable", async () => {
    const { vault } = await open();
    const { versions } = await openDirectory({ folder: join(database.folder, "files"), sql: database.sql, clock });
    const sealed = sealVersions(versions, vault);
    const text = (content: Uint8Array | undefined) => content && Buffer.from(content).toString();
    const hash = await sealed.keep("a", `community = "${value}"`);
    expect(await sealed.keep("a", `community = "${value}"`)).toBe(hash);
    expect(text(await versions.read("a", hash))).not.toContain("community");
    expect(text(await sealed.read("a", hash))).toContain(value);
    expect(text(await sealed.read("a", await versions.keep("a", "clear")))).toBe("clear");
    expect(await sealed.read("a", "0".repeat(64))).toBeUndefined();
    expect(await sealed.list("a")).toHaveLength(2);
  });
});

describe("scrubber", () => {
  it("shows the reference in place of a value, also escaped in JSON; leaves short and numeric ones", () => {
    const { learn, scrub } = createScrubber();
    learn("a", 'quote"s3cret');
    learn("b", "up");
    learn("c", "12345678");
    expect(scrub('it was quote"s3cret')).toBe("it was secret://a");
    expect(scrub(JSON.stringify({ detail: 'quote"s3cret', up: 12345678 }))).toBe(
      '{"detail":"secret://a","up":12345678}',
    );
  });
});
