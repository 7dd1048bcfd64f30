import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parse, stringify } from "smol-toml";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type NodeProcess, openNode } from "#test/fixtures/node-process.ts";
import { openPluginFolder } from "#test/fixtures/plugin-folder.ts";
import { freePort } from "#test/fixtures/ports.ts";
import { soon, until } from "#test/fixtures/until.ts";
import { allKeys } from "../../../apps/viot-web/config/changes.ts";
import { covered } from "./covered.ts";
import { rows, type Site } from "./rows.ts";

const checkout = join(import.meta.dirname, "../../..");

describe("every key of the configuration", () => {
  const live = allKeys()
    .filter(({ restart }) => !restart)
    .map(({ key }) => key);
  const observed = new Set(rows.map(({ key }) => key));

  it("is taken over live, with a test that sees it, or says why only a restart takes it over", () => {
    expect(live.filter((key) => !observed.has(key) && !(key in covered))).toEqual([]);
  });

  it("is in the lists only when it is there and live", () => {
    expect([...observed, ...Object.keys(covered)].filter((key) => !live.includes(key))).toEqual([]);
    expect([...observed].filter((key) => key in covered)).toEqual([]);
  });

  it("is covered by a test file that exists, or by a key that is", () => {
    const leads = (to: string) =>
      to.endsWith(".ts") ? existsSync(join(checkout, to)) : observed.has(to) || to in covered;
    expect(Object.entries(covered).filter(([, to]) => !leads(to))).toEqual([]);
  });

  it("that needs a restart says so with its reason", () => {
    const keys = allKeys().filter(({ restart }) => restart);
    expect(keys.length).toBeGreaterThan(5);
    for (const { key, description } of keys) expect(description.length, key).toBeGreaterThan(5);
  });
});

describe("a running node", () => {
  let node: NodeProcess;
  let site: Site;
  let plugins: ReturnType<typeof openPluginFolder>;
  let listen = "";
  let config: Record<string, unknown> = {};
  const save = (text: string) => writeFileSync(node.configFile, text);
  const health = async (part: string) => (await node.api("GET", "/api/health")).body.parts[part];
  beforeAll(async () => {
    plugins = openPluginFolder();
    plugins.put("own");
    node = await openNode({
      config: (address) => {
        listen = address;
        return `[http]\nlisten = "${address}"\n`;
      },
    });
    site = { node, ports: [await freePort(), await freePort(), await freePort()], pluginFolder: plugins.folder };
    config = { http: { listen } };
  });
  afterAll(async () => {
    await node.close();
    plugins.close();
  });

  it.each(rows)("takes over $key", async ({ key, toml, before, after }) => {
    expect(await before(site), "before").toBe(true);
    const section = key.split(".").slice(0, -1);
    const text = toml(site).startsWith("[") ? toml(site) : `[${section.join(".")}]\n${toml(site)}`;
    config = merge(config, parse(text));
    save(stringify(config));
    await until(() => after(site)).catch(async (error: unknown) => {
      throw new Error(`${JSON.stringify(await health("config"))}\n${node.log().slice(-2000)}`, { cause: error });
    });
  });

  it("keeps the old configuration when the file is wrong, and says why with file and line", async () => {
    const good = stringify(config);
    save(`${good}\n[scna]\nallow = []\n`);
    await until(async () => (await health("config")).status === "degraded");
    const { detail } = await health("config");
    expect(detail).toContain(
      `${node.configFile}:${good.split("\n").length + 1}: unknown key "scna": did you mean "scan"?`,
    );
    save(good);
    await until(async () => (await health("config")).status === "ok");
  });

  it("tells beforehand what takes effect at once and what after a restart, and again as long as it waits", async () => {
    const good = stringify(config);
    const next = merge(config, {
      node: { name: "other" },
      scan: { accept: "ask" },
      storage: { sql: { pool_size: 3 } },
    });
    save(stringify(next));
    const checked = await node.run("config", "check", "--json");
    expect(checked.code).toBe(0);
    const keys = JSON.parse(checked.stdout).changes.map(
      ({ key, restart }: { key: string; restart: boolean }) => `${key} ${restart}`,
    );
    expect(keys).toEqual(expect.arrayContaining(["node.name true", "storage.sql.pool_size true"]));
    await soon(async () => expect((await health("config")).detail).toContain("after a restart only: node.name"));
    save(stringify(merge(next, { scan: { accept: "all" } })));
    await until(async () => /accept/.test((await node.run("config", "check")).stdout) === false);
    expect((await health("config")).detail).toContain("node.name");
    const listed = await node.run("config", "print", "--restart");
    expect(listed.stdout).toMatch(/^storage.sql.adapter: /m);
    expect((await node.api("POST", "/api/v1/config/compare", { config: {} })).status).toBe(403);
    save(good);
    await until(async () => (await health("config")).status === "ok");
  });

  it("names a missing secret and a wrong override with place and mend", async () => {
    save(`${stringify(config)}\n[plugins.notifier.email]\npassword = "secret://none"\n`);
    await until(async () => /there is no secret "none".*secret set none/.test((await health("config")).detail));
    save(stringify(config));
    await until(async () => (await health("config")).status === "ok");
  });

  it("moves to another address: the new one answers before the old one ends; one that is taken is refused", async () => {
    const taken = new URL(node.url).port;
    const moved = `127.0.0.1:${site.ports[2]}`;
    save(stringify(merge(config, { http: { listen: "192.0.2.1:80" } })));
    await until(async () => (await health("config")).detail.includes("cannot be listened on"));
    save(stringify(merge(config, { http: { listen: moved } })));
    await until(async () => (await fetch(`http://${moved}/api/health`).catch(() => undefined))?.ok);
    await until(async () => (await fetch(`http://127.0.0.1:${taken}/api/health`).catch(() => undefined)) === undefined);
    const checked = await node.run("config", "check"); // the commands' way in is the same as before
    expect(checked.stdout).toContain("The running node uses just this");
  });
});

function merge(into: Record<string, unknown>, from: Record<string, unknown>): Record<string, unknown> {
  const merged: Record<string, unknown> = { ...into };
  for (const [key, value] of Object.entries(from)) {
    const old = merged[key];
    merged[key] = isTable(old) && isTable(value) ? merge(old, value) : value;
  }
  return merged;
}

function isTable(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
