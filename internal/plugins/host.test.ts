import { Type } from "typebox";
import { describe, expect, it } from "vitest";
import type { NotifierPlugin } from "#pkg/contracts/notifier.ts";
import { definePlugin, type Plugin } from "#pkg/contracts/plugin.ts";
import { silentLogger } from "#pkg/logger/logger.ts";
import { createPluginHost } from "./host.ts";

const target = Type.Object({});
const config = Type.Object(
  { url: Type.String({ description: "where to", default: "http://localhost" }) },
  { additionalProperties: false, default: {} },
);

function plugin(id: string, create: (url: string) => Partial<NotifierPlugin> = () => ({})): Plugin {
  return definePlugin({
    kind: "notifier",
    id,
    config,
    create: (host) => ({
      target,
      send: async () => ({ delivered: true, status: 200, detail: "" }),
      ...create(host.config.url),
    }),
  });
}

function host(plugins: readonly Plugin[], sections: Record<string, unknown> = {}) {
  return createPluginHost({
    plugins,
    config: (kind, id) => sections[`${kind}.${id}`],
    http: { post: () => Promise.reject(new Error("not used")) },
    log: silentLogger,
    now: () => 0,
  });
}

describe("plugin host", () => {
  it("fills defaults and hands the plugin out by kind and id", () => {
    const seen: string[] = [];
    const plugins = host([
      plugin("a", (url) => {
        seen.push(url);
        return {};
      }),
    ]);
    expect(seen).toEqual(["http://localhost"]);
    expect(plugins.get("notifier", "a")?.target).toBe(target);
    expect(plugins.get("scanner", "a")).toBeUndefined();
  });

  it("names section and key of a wrong configuration", () => {
    const wrong = () => host([plugin("webhook")], { "notifier.webhook": { url: 1 } });
    expect(wrong).toThrow("[plugins.notifier.webhook] url");
    expect(wrong).toThrow("it means: where to");
  });

  it("refuses an unknown key with the one that was meant", () => {
    expect(() => host([plugin("webhook")], { "notifier.webhook": { ulr: "" } })).toThrow('did you mean "url"?');
  });

  it("switches off a plugin that throws while it is made, and keeps the others", () => {
    const broken = plugin("broken", () => {
      throw new Error("no library");
    });
    const plugins = host([broken, plugin("fine")]);
    expect(plugins.get("notifier", "broken")).toBeUndefined();
    expect(plugins.get("notifier", "fine")).toBeDefined();
    expect(plugins.health()).toMatchObject({ status: "degraded", detail: expect.stringContaining("no library") });
    expect(plugins.list()[0]).toMatchObject({
      id: "broken",
      state: "off",
      reason: expect.stringContaining("no library"),
    });
  });

  it("refuses two plugins of one name", () => {
    expect(() => host([plugin("a"), plugin("a")])).toThrow("registered already");
  });

  it("closes all, also when one of them fails, and then says which", async () => {
    const closed: string[] = [];
    const close = (id: string, fails = false) =>
      plugin(id, () => ({
        close: async () => {
          closed.push(id);
          if (fails) throw new Error(`${id} hangs`);
        },
      }));
    await expect(host([close("a", true), close("b")]).close()).rejects.toThrow("a hangs");
    expect(closed).toEqual(["a", "b"]);
  });
});
