import { writeFileSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openHttpCatch } from "#test/fixtures/http-catch.ts";
import { type NodeProcess, openNode } from "#test/fixtures/node-process.ts";
import { openPluginFolder } from "#test/fixtures/plugin-folder.ts";
import { until } from "#test/fixtures/until.ts";

const loadedMs = 20_000;

describe("external plugins of a running node", () => {
  let folder: ReturnType<typeof openPluginFolder>;
  let hook: Awaited<ReturnType<typeof openHttpCatch>>;
  let node: NodeProcess | undefined;
  beforeEach(async () => {
    folder = openPluginFolder();
    hook = await openHttpCatch(() => ({ status: 200 }));
  });
  afterEach(async () => {
    await node?.close();
    await hook.close();
    folder.close();
  });

  const config = (contacts: string) => `
[plugins]
folders = [${JSON.stringify(folder.folder)}]
[plugins.notifier.own]
prefix = "from plugin: "
[notifier]
attempt_timeout = "2s"
[[rules]]
name = "hot"
condition = "room_temperature > 30"
level = "critical"
interval = "1s"
${contacts}
`;
  const plugins = async () => (await node?.api("GET", "/api/v1/plugins"))?.body.items ?? [];
  const plugin = async (id: string) => (await plugins()).find((one: { id: string }) => one.id === id);
  const heat = () => node?.write(`room,device=a temperature=40 ${Date.now()}`);

  it("tells an external notifier of a real alert, while one in an endless loop stops nobody's webhook", async () => {
    folder.put("own", {
      send: `await host.http.post(message.target.url, { json: { text: host.config.prefix + message.alerts[0].labels.alertname }, signal });
        return { delivered: true, status: 200, detail: "" };`,
    });
    folder.put("loop", { send: "for (;;);" });
    node = await openNode({
      config: config(`
[[contacts]]
name = "loop"
channels = [{ type = "loop", url = "x" }]
[[contacts]]
name = "own"
channels = [{ type = "own", url = "${hook.url}/own" }]
[[contacts]]
name = "web"
channels = [{ type = "webhook", url = "${hook.url}/web" }]`),
    });
    await heat();
    await until(() => new Set(hook.requests.map((one) => one.path)).size === 2, loadedMs);
    expect(JSON.parse(hook.requests.find((one) => one.path === "/own")?.body ?? "")).toEqual({
      text: "from plugin: hot",
    });
    await until(async () => (await plugin("loop"))?.state === "off", loadedMs);
    expect((await plugin("loop")).reason).toMatch(
      /^the plugin notifier\/loop 1.0.0 is switched off: .*endless loop|told to end/,
    );
    const health = await node.api("GET", "/api/health");
    expect(health.body.parts.plugins).toMatchObject({
      status: "degraded",
      detail: expect.stringContaining("notifier/loop"),
    });
    expect(await plugin("own")).toMatchObject({ state: "enabled" });
  });

  it("is disabled and enabled over REST and the command line, remembers it over a restart, and audits it", async () => {
    folder.put("own");
    node = await openNode({ config: config("") });
    expect(await plugin("own")).toMatchObject({ state: "enabled", version: "1.0.0" });
    const disabled = await node.api("POST", "/api/v1/plugins/notifier/own/disable");
    expect(disabled.body).toMatchObject({ state: "disabled" });
    expect((await node.api("POST", "/api/v1/plugins/notifier/own/disable", undefined, "engineer")).status).toBe(403);
    expect((await node.api("POST", "/api/v1/plugins/notifier/none/disable")).status).toBe(404);
    await node.kill("SIGTERM");
    await node.start();
    expect(await plugin("own")).toMatchObject({ state: "disabled" });
    const enabled = await node.run("plugin", "enable", "notifier", "own");
    expect(enabled).toMatchObject({ code: 0, stdout: expect.stringContaining("notifier/own 1.0.0  enabled") });
    await node.run("plugin", "disable", "notifier", "webhook");
    expect(await plugin("webhook")).toMatchObject({ state: "disabled" });
    const audit = await node.api("GET", "/api/v1/audit");
    expect(audit.body.items.map((entry: { action: string }) => entry.action)).toEqual(
      expect.arrayContaining(["plugin.disable", "plugin.enable"]),
    );
    await node.kill("SIGTERM");
    const offline = await node.run("plugin", "list", "--json");
    const items = JSON.parse(offline.stdout).items as { id: string; state: string }[];
    expect(items.find((one) => one.id === "webhook")?.state).toBe("disabled");
    expect(items.find((one) => one.id === "own")?.state).toBe("enabled");
  });

  it("starts although the plugin that contacts and settings name is gone", async () => {
    folder.put("own");
    node = await openNode({ config: config('[[contacts]]\nname = "own"\nchannels = [{ type = "own", url = "x" }]') });
    await node.kill("SIGTERM");
    folder.remove("own");
    await node.start();
    expect(await plugin("own")).toMatchObject({ state: "off", reason: expect.stringContaining("its folder is gone") });
  });

  it("refuses a section of a plugin that is not there where there are no folders", async () => {
    node = await openNode({ config: "" });
    await node.kill("SIGTERM");
    const file = node.configFile;
    writeFileSync(file, "\n[plugins.notifier.webhok]\nheaders = {}\n");
    const checked = await node.run("config", "check");
    expect(checked.code).toBe(1);
    expect(checked.stderr).toContain(`${file}:2: there is no notifier "webhok"`);
    expect(checked.stderr).toContain('did you mean "webhook"?');
  });
});
